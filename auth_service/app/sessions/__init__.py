"""Sessions: one sign-in, its family of refresh tokens, its end."""
