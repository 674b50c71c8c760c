"""The `netra edge` commands."""
