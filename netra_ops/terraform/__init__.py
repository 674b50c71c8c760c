"""The `netra terraform` command."""
