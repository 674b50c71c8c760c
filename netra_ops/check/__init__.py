"""``netra check``: every static check of the project."""
