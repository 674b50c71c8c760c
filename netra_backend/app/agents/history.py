"""The part of a thread that the model receives: its latest messages, within bounds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ag_ui.core import Message
from pydantic import TypeAdapter
from pydantic_ai.messages import ModelMessage, repair_messages
from pydantic_ai.ui.ag_ui import AGUIAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.tables import messages
from netra_backend.app.db.transaction import transaction

_MESSAGES: TypeAdapter[list[Message]] = TypeAdapter(list[Message])


class ThreadHistory:
    """Reads histories.

    Args:
        engine: the database.
        max_messages: of one history.
        max_characters: of one history, counted over the JSON-independent text of each message.
    """

    def __init__(self, engine: AsyncEngine, *, max_messages: int, max_characters: int) -> None:
        self._engine = engine
        self._max_messages = max_messages
        self._max_characters = max_characters

    async def before(self, *, thread_id: UUID, message_id: UUID) -> list[ModelMessage]:
        """Return the messages before ``message_id``, oldest first."""
        position = (
            select(messages.c.position)
            .where(messages.c.thread_id == thread_id, messages.c.id == message_id)
            .scalar_subquery()
        )
        statement = (
            select(messages.c.body)
            .where(messages.c.thread_id == thread_id, messages.c.position < position)
            .order_by(messages.c.position.desc())
            .limit(self._max_messages)
        )
        async with transaction(self._engine) as connection:
            newest_first = (await connection.execute(statement)).scalars().all()
        return to_model_messages(within(newest_first, self._max_characters))


def within(newest_first: Sequence[dict[str, Any]], max_characters: int) -> list[dict[str, Any]]:
    """Return the newest messages that fit, oldest first; the first is a user message.

    A history that starts in the middle of an answer (a tool result without its call) is rejected
    by most providers.
    """
    kept: list[dict[str, Any]] = []
    used = 0
    for body in newest_first:
        used += _weight(body)
        if used > max_characters:
            break
        kept.append(body)
    kept.reverse()
    first_user = next((i for i, body in enumerate(kept) if body["role"] == "user"), len(kept))
    return kept[first_user:]


def to_model_messages(bodies: Sequence[dict[str, Any]]) -> list[ModelMessage]:
    """Convert stored AG-UI messages to model messages.

    Reasoning is sent only when the provider encrypted it (``encryptedValue``): providers reject,
    or charge for, reasoning that they cannot verify. A call without a result, which a cancelled or
    failed run leaves, gets a generated result: models reject open calls.
    """
    useful = [body for body in bodies if body["role"] != "reasoning" or body.get("encryptedValue")]
    return repair_messages(AGUIAdapter.load_messages(_MESSAGES.validate_python(useful)))


def _weight(body: dict[str, Any]) -> int:
    calls = body.get("toolCalls") or ()
    return len(str(body.get("content") or "")) + sum(
        len(call["function"]["arguments"]) for call in calls
    )
