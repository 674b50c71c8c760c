"""Rate limits: how often an address or an account may try."""
