"""Signing keys in PostgreSQL, changed by one process at a time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.keys.ed25519 import SigningKey
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.keys.sealing import Sealer

# An arbitrary number that no other advisory lock uses: "authkeys" in ASCII.
_ROTATION_LOCK = int.from_bytes(b"authkeys")


class SigningKeyRepository:
    """Reads and changes the ring within the caller's transaction."""

    def __init__(self, session: AsyncSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def lock(self) -> None:
        """Wait for the lock of the ring, which is held until the transaction ends."""
        await self._session.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ROTATION_LOCK}
        )

    async def all(self) -> Sequence[SigningKeyRow]:
        """Return every stored key, oldest first."""
        rows = await self._session.scalars(
            select(SigningKeyRow)
            .order_by(SigningKeyRow.signs_from, SigningKeyRow.kid)
            .execution_options(populate_existing=True)
        )
        return rows.all()

    async def add(self, key: SigningKey, *, now: datetime, signs_from: datetime) -> None:
        """Store a new key."""
        self._session.add(
            SigningKeyRow(
                kid=key.kid,
                public_key=key.public_key,
                sealed_private_key=self._sealer.seal(key.kid, key.seed),
                created_at=now,
                signs_from=signs_from,
            )
        )
        await self._session.flush()

    async def remove(self, kids: Sequence[str]) -> None:
        """Forget keys."""
        await self._session.execute(delete(SigningKeyRow).where(SigningKeyRow.kid.in_(kids)))

    def unseal(self, row: SigningKeyRow) -> SigningKey:
        """Return the usable key of a row.

        Raises:
            ConfigurationError: it was encrypted with a key that is not configured.
        """
        return SigningKey.from_seed(self._sealer.open(row.kid, row.sealed_private_key))

    async def reseal(self) -> int:
        """Encrypt again with the current key what was encrypted with the previous one."""
        changed = 0
        for row in await self.all():
            if not self._sealer.is_current(row.kid, row.sealed_private_key):
                row.sealed_private_key = self._sealer.seal(row.kid, self.unseal(row).seed)
                changed += 1
        await self._session.flush()
        return changed
