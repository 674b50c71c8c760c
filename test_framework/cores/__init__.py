"""The pure cores: covered completely, and every mutant killed, by their own test files."""
