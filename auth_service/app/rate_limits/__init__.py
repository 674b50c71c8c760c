"""Rate limits per client address and per account."""
