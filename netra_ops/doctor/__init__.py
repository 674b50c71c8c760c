"""``netra doctor``: why does a socket not connect."""
