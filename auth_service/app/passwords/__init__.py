"""Passwords: policy, hashing and verification."""
