"""Refresh tokens: 256 random bits, stored as their SHA-256 only.

A spent token's row also holds its successor, encrypted with a key derived from the spent token.
Only a client that presents the spent token can read it; a copy of the database cannot.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_BYTES = 32
PREFIX = "nrt_"  # secret scanners and log redaction recognise it
_KEY_BYTES = 32
_NONCE = bytes(12)  # each key encrypts one message, the successor of its token


def new_refresh_token() -> str:
    """Return a new token, 47 characters."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def refresh_token_hash(token: str) -> bytes:
    """Return the SHA-256 by which ``token`` is stored and looked up."""
    return hashlib.sha256(_encoded(token)).digest()


def seal_successor(token: str, successor: str) -> bytes:
    """Return ``successor`` encrypted with a key derived from ``token``."""
    return AESGCM(_key(token)).encrypt(_NONCE, successor.encode(), None)


def open_successor(token: str, sealed: bytes) -> str | None:
    """Return the successor of ``token``; ``None`` when ``sealed`` was made with another token."""
    try:
        return AESGCM(_key(token)).decrypt(_NONCE, sealed, None).decode()
    except (InvalidTag, ValueError):
        return None


def _key(token: str) -> bytes:
    kdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"netra refresh token successor")
    return kdf.derive(_encoded(token))


def _encoded(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")
