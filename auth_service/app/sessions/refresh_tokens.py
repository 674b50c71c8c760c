"""Refresh tokens: 256 random bits, of which only the SHA-256 is stored."""

import hashlib
import secrets

TOKEN_BYTES = 32
PREFIX = "nrt_"  # lets secret scanners and people recognise a leaked one


def new_refresh_token() -> str:
    """Return a fresh token, 47 characters."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def refresh_token_hash(token: str) -> bytes:
    """Return what is stored and looked up for ``token``."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
