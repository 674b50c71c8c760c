"""Signing keys: their life, their storage, and what is published of them."""
