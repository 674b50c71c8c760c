"""``netra monitor``: watches real connections from outside."""
