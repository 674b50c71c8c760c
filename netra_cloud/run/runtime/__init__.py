"""Revisions as processes."""
