"""Enforces the replaced words of ``docs/glossary.md`` in prose and messages."""
