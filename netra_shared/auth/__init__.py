"""Access tokens: bearer headers, key sets and verification."""
