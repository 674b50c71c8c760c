"""``netra users``: accounts and roles."""
