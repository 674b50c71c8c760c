"""Signing keys: their rotation, storage and publication."""
