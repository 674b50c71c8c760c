"""The schema revision that this code needs."""

SCHEMA = "auth"
HEAD = "0002"  # the newest file of migrations/versions; a test compares
