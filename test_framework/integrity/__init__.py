"""Lints that find tests which pass without testing. See ``python -m test_framework.integrity``."""
