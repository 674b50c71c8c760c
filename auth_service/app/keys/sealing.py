"""Encryption of private keys at rest: AES-256-GCM with a key that is not in the database.

A sealed value is ``nonce (12 bytes) || ciphertext || tag (16 bytes)``. The kid is authenticated as
well, so the private keys of two rows cannot be exchanged.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from netra_shared.errors import ConfigurationError

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D section 8.2; random nonces are safe for this number of values
_CONTEXT = b"netra-auth signing key 1:"


def parse_encryption_key(text: str) -> bytes:
    """Return the 32 bytes of a base64 or base64url key.

    Raises:
        ValueError: not base64, or not 32 bytes.
    """
    padded = text.strip() + "=" * (-len(text.strip()) % 4)
    try:
        key = base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"decodes to {len(key)} bytes; {KEY_BYTES} are needed")
    return key


class Sealer:
    """Encrypts with the first key, decrypts with any of them.

    Args:
        keys: the current key, then previous ones while rows encrypted with them exist.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, kid: str, secret: bytes) -> bytes:
        """Return ``secret`` encrypted and bound to ``kid``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, secret, _CONTEXT + kid.encode())

    def open(self, kid: str, sealed: bytes) -> bytes:
        """Return the secret that was encrypted for ``kid``.

        Raises:
            ConfigurationError: no key decrypts it, or the row was modified.
        """
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(
                    sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _CONTEXT + kid.encode()
                )
            except InvalidTag:
                continue
        problem = (
            f"AUTH_KEY_ENCRYPTION_KEY does not decrypt the signing key {kid}; restore the value "
            "it was written with (or give it as AUTH_KEY_ENCRYPTION_KEY_PREVIOUS), or replace the "
            "keys: python -m auth_service.app.rotate_keys --emergency"
        )
        raise ConfigurationError([problem])

    def is_current(self, kid: str, sealed: bytes) -> bool:
        """Return whether the current key decrypts ``sealed``."""
        try:
            self._ciphers[0].decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _CONTEXT + kid.encode()
            )
        except InvalidTag:
            return False
        return True
