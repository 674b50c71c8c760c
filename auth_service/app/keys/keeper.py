"""The key ring in the memory of this process: signing, publishing, verifying."""

from collections.abc import Sequence

import jwt
from prometheus_client import Gauge

from auth_service.app.clock import Clock
from auth_service.app.errors import SigningKeyUnavailable
from auth_service.app.keys.ed25519 import SigningKey, public_jwk
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.keys.ring import KeyPhase, KeyTimes, RotationPolicy, phases, signing_key
from auth_service.app.keys.rotation import KeyRotation
from auth_service.app.keys.sealing import Sealer

RING = Gauge("auth_signing_keys", "Signing keys known to this process, by phase.", ["phase"])


class KeyKeeper:
    """Caches the last ring, so that signing never waits for the database.

    While the database is unavailable the cached ring stays in use: a key signs beyond its period
    until its successor can be read.
    """

    def __init__(
        self, rotation: KeyRotation, sealer: Sealer, policy: RotationPolicy, clock: Clock
    ) -> None:
        self._rotation = rotation
        self._sealer = sealer
        self._policy = policy
        self._clock = clock
        self._times: list[KeyTimes] = []
        self._keys: dict[str, SigningKey] = {}
        self._verifying: dict[str, jwt.PyJWK] = {}

    @property
    def is_loaded(self) -> bool:
        """Whether a ring has been read."""
        return bool(self._keys)

    async def refresh(self) -> None:
        """Rotate when due, and cache the resulting ring.

        Raises:
            DatabaseUnavailable: the cached ring is unchanged.
            ConfigurationError: a private key cannot be decrypted.
        """
        self._hold(await self._rotation.by_age())

    def signing(self) -> SigningKey:
        """Return the key that signs now.

        Raises:
            SigningKeyUnavailable: no key is loaded yet.
        """
        current = signing_key(self._times, self._clock())
        if current is None:
            raise SigningKeyUnavailable("No signing key is loaded yet; try again.", retry_after=1.0)
        return self._keys[current.kid]

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the key set to publish: next, signing and retired keys (RFC 7517 section 5).

        Raises:
            SigningKeyUnavailable: no key is loaded yet; clients must not cache an empty set.
        """
        if not self.is_loaded:
            raise SigningKeyUnavailable("No signing key is loaded yet; try again.", retry_after=1.0)
        return {"keys": [public_jwk(kid, self._keys[kid].public_key) for kid in self._published()]}

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return a published key by id, for ``TokenVerifier``: always the same object."""
        return self._verifying[kid] if kid in self._published() else None

    def _published(self) -> list[str]:
        by_phase = phases(self._times, self._clock(), self._policy)
        return [kid for kid, (phase, _) in by_phase.items() if phase is not KeyPhase.WITHDRAWN]

    def _hold(self, rows: Sequence[SigningKeyRow]) -> None:
        keys: dict[str, SigningKey] = {}
        for row in rows:
            keys[row.kid] = self._keys.get(row.kid) or SigningKey.from_seed(
                self._sealer.open(row.kid, row.sealed_private_key)
            )
        self._times, self._keys = [row.times for row in rows], keys
        self._verifying = {
            kid: self._verifying.get(kid) or jwt.PyJWK.from_dict(public_jwk(kid, key.public_key))
            for kid, key in keys.items()
        }
        counts = dict.fromkeys(KeyPhase, 0)
        for phase, _ in phases(self._times, self._clock(), self._policy).values():
            counts[phase] += 1
        for phase, count in counts.items():
            RING.labels(phase.value).set(count)
