"""Applies the changes that are due to the stored ring, under an advisory lock."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.keys.ed25519 import SigningKey
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.keys.repository import SigningKeyRepository
from auth_service.app.keys.ring import (
    KeyTimes,
    RotationPlan,
    RotationPolicy,
    plan_emergency,
    plan_rotation,
)
from auth_service.app.keys.sealing import Sealer
from netra_shared.logging import get_logger

_log = get_logger(__name__)

_Planner = Callable[[Sequence[KeyTimes], datetime], RotationPlan]


class KeyRotation:
    """Rotates the ring; several processes may do so concurrently.

    Args:
        database: contains the ring.
        sealer: encrypts the private keys.
        policy: the ring's times.
        clock: the current time.
    """

    def __init__(
        self, database: Database, sealer: Sealer, policy: RotationPolicy, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._policy = policy
        self._clock = clock

    async def by_age(self) -> Sequence[SigningKeyRow]:
        """Apply the changes that are due and return the ring.

        The lock is taken only if a change is due, so the usual call is one read.
        """
        rows = await self.stored()
        if self._plan_by_age([row.times for row in rows], self._clock()).is_empty:
            return rows
        return await self._apply(self._plan_by_age)

    async def stored(self) -> Sequence[SigningKeyRow]:
        """Return the stored ring."""
        async with self._database.transaction() as session:
            return await SigningKeyRepository(session, self._sealer).all()

    async def on_request(self) -> Sequence[SigningKeyRow]:
        """Publish a next key now unless there is one; return the ring."""
        return await self._apply(
            lambda keys, now: plan_rotation(keys, now, self._policy, asked=True)
        )

    async def in_emergency(self) -> Sequence[SigningKeyRow]:
        """Withdraw every key and sign with a new one immediately; return the ring."""
        return await self._apply(plan_emergency)

    async def reseal(self) -> int:
        """Encrypt every private key with the current encryption key; return how many changed."""
        async with self._database.transaction() as session:
            repository = SigningKeyRepository(session, self._sealer)
            await repository.lock()
            return await repository.reseal()

    def _plan_by_age(self, keys: Sequence[KeyTimes], now: datetime) -> RotationPlan:
        return plan_rotation(keys, now, self._policy)

    async def _apply(self, planner: _Planner) -> Sequence[SigningKeyRow]:
        async with self._database.transaction() as session:
            repository = SigningKeyRepository(session, self._sealer)
            await repository.lock()  # first, so that the read below sees the last change
            now = self._clock()
            plan = planner([row.times for row in await repository.all()], now)
            await _change(session, repository, plan, now)
            return await repository.all()


async def _change(
    session: AsyncSession, repository: SigningKeyRepository, plan: RotationPlan, now: datetime
) -> None:
    if plan.withdraw:
        await repository.remove(plan.withdraw)
        session.expunge_all()
        _log.info("signing keys withdrawn", kids=list(plan.withdraw))
    if plan.create is not None:
        key = SigningKey.generate()
        await repository.add(key, now=now, signs_from=plan.create)
        _log.info("signing key created", kid=key.kid, signs_from=plan.create.isoformat())
