"""Whether sessions have signed out: one question to Valkey for all who ask at the same time."""

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
    """Return the key that exists while a signed-out session's tokens could still be valid."""
    return f"netra:session:revoked:{session_id}"


class Revocations:
    """Looks sessions up, in batches that form while the previous one is under way.

    A mass reconnect asks a thousand times within a second; a round trip of the client library
    costs more than verifying a token.

    Args:
        client: Valkey; owned by the caller.
    """

    def __init__(self, client: Redis) -> None:
        self._client: Any = client
        self._asked: dict[UUID, asyncio.Future[bool]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def among(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return those of ``session_ids`` that signed out; none while Valkey is away."""
        found: list[int] = []
        with swallowed(_log, "revocations_unreadable", RedisError, OSError, TimeoutError):
            async with self._client.pipeline(transaction=False) as pipeline:
                for session_id in session_ids:
                    pipeline.exists(revocation_key(session_id))
                found = await pipeline.execute()
        return [sid for sid, there in zip(session_ids, found, strict=False) if there]

    async def holds(self, session_id: UUID) -> bool:
        """Return whether the session signed out; ``False`` while Valkey is away."""
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
                    answer.exception()  # nobody may be left who waits for it
            raise
        for session_id, answer in asked.items():
            if not answer.done():
                answer.set_result(session_id in revoked)
