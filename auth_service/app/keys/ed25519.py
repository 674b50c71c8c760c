"""Ed25519 keys as JSON Web Keys (RFC 8037) named by their thumbprint (RFC 7638)."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, its public half as 32 raw bytes, and its id."""

    kid: str
    public_key: bytes
    private_key: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        """Return a new key."""
        return cls.from_seed(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Return the key whose private part is ``seed`` (32 bytes, RFC 8032 section 5.1.5)."""
        private_key = Ed25519PrivateKey.from_private_bytes(seed)
        public_key = private_key.public_key().public_bytes_raw()
        return cls(thumbprint(public_key), public_key, private_key)

    @property
    def seed(self) -> bytes:
        """The private part, 32 bytes."""
        return self.private_key.private_bytes_raw()


def public_jwk(kid: str, public_key: bytes) -> dict[str, str]:
    """Return the published form of a key."""
    return _members(public_key) | {"kid": kid, "use": "sig", "alg": "EdDSA"}


def thumbprint(public_key: bytes) -> str:
    """Return the base64url SHA-256 of the key's required members in lexical order."""
    canonical = json.dumps(_members(public_key), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _members(public_key: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(public_key)}


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
