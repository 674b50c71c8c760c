"""Passwords: which ones are accepted, and how they are stored."""
