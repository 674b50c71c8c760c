"""Threads and their messages: what a user sees when they come back."""
