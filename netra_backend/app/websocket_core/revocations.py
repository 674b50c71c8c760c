"""Looks up revoked sessions in Valkey; concurrent look-ups share one round trip."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

_log = get_logger(__name__)


def revocation_key(session_id: UUID) -> str:
    """Return the key that exists while tokens of a revoked session could still be valid."""
    return f"netra:session:revoked:{session_id}"


class Revocations:
    """Looks up sessions in batches that form while the previous one is in flight.

    A mass reconnect needs a thousand look-ups within a second, and a round trip of the client
    library costs more than the verification of a token.

    Args:
        client: Valkey; owned by the caller.
    """

    def __init__(self, client: Redis) -> None:
        self._client: Any = client
        self._asked: dict[UUID, asyncio.Future[bool]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def among(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return the revoked ones of ``session_ids``; none while Valkey is unavailable."""
        found: list[int] = []
        with swallowed(_log, "revocations_unreadable", RedisError, OSError, TimeoutError):
            async with self._client.pipeline(transaction=False) as pipeline:
                for session_id in session_ids:
                    pipeline.exists(revocation_key(session_id))
                found = await pipeline.execute()
        return [sid for sid, there in zip(session_ids, found, strict=False) if there]

    async def holds(self, session_id: UUID) -> bool:
        """Return whether the session is revoked; ``False`` while Valkey is unavailable."""
        answer = self._asked.get(session_id)
        if answer is None:
            answer = self._asked[session_id] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="revocation-lookup")
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._answer(asked)
        finally:
            self._asking = None

    async def _answer(self, asked: dict[UUID, asyncio.Future[bool]]) -> None:
        try:
            revoked = set(await self.among(tuple(asked)))
        except BaseException as error:
            for answer in asked.values():
                if not answer.done():
                    answer.set_exception(error)
                    answer.exception()  # mark as retrieved: the waiter may be cancelled
            raise
        for session_id, answer in asked.items():
            if not answer.done():
                answer.set_result(session_id in revoked)
