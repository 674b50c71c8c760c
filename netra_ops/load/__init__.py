"""``netra load``: open-loop load in the real protocol, with a verdict."""
