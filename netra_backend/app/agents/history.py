"""The part of a thread that the model receives: its latest messages, within bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ag_ui.core import Message
from pydantic import TypeAdapter
from pydantic_ai.messages import ModelMessage, repair_messages
from pydantic_ai.ui.ag_ui import AGUIAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.branches import ancestors
from netra_backend.app.db.tables import messages
from netra_backend.app.db.transaction import transaction

_MESSAGES: TypeAdapter[list[Message]] = TypeAdapter(list[Message])


LONGEST_SHARE = 4  # one message has at most this fraction of a history
SHORTENED = "[shortened: the middle of this message is omitted]"


@dataclass(frozen=True, slots=True)
class History:
    """What the model receives, oldest first, and how much of the thread it does not.

    ``omitted``: older messages that were left out. ``shortened``: messages without their middle.
    """

    messages: list[ModelMessage]
    omitted: int
    shortened: int


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

    async def before(self, *, thread_id: UUID, message_id: UUID) -> History:
        """Return the messages before ``message_id`` in its branch, within the bounds."""
        chain = ancestors(thread_id, message_id)
        bodies = (
            select(messages.c.body)
            .join(chain, chain.c.id == messages.c.id)
            .where(messages.c.thread_id == thread_id, chain.c.depth.between(1, self._max_messages))
            .order_by(chain.c.depth)
        )
        async with transaction(self._engine) as connection:
            newest_first = (await connection.execute(bodies)).scalars().all()
            total = await connection.scalar(select(func.max(chain.c.depth))) or 0
        kept = within(newest_first, self._max_characters)
        shortened = sum(SHORTENED in str(body.get("content")) for body in kept)
        return History(to_model_messages(kept), omitted=total - len(kept), shortened=shortened)


def within(newest_first: Sequence[dict[str, Any]], max_characters: int) -> list[dict[str, Any]]:
    """Return the newest messages that fit, oldest first; the first is a user message.

    A message that is longer than a quarter of the bound is shortened, so that one message never
    displaces all others. A history that starts in the middle of an answer (a tool result without
    its call) is rejected by most providers, so the newest user message is always part of it.
    """
    share = max(max_characters // LONGEST_SHARE, 1)
    shortened = [_shortened(body, share) for body in newest_first]
    question = next((body for body in shortened if body["role"] == "user"), None)
    if question is None:
        return []
    kept: list[dict[str, Any]] = []
    used = 0
    for body in shortened:
        used += _weight(body)
        if used > max_characters:
            break
        kept.append(body)
    kept.reverse()
    first_user = next((i for i, body in enumerate(kept) if body["role"] == "user"), None)
    if first_user is not None:
        return kept[first_user:]
    # The answer to the newest question alone exceeds the bound: keep the question and the end.
    room = max_characters - _weight(question)
    return [question, *_end_of_answer(kept, room)] if room >= 0 else []


def _end_of_answer(bodies: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """Return the end of ``bodies`` that fits, starting with a message of the assistant."""
    used = sum(map(_weight, bodies))
    for start, body in enumerate(bodies):
        if used <= room and body["role"] == "assistant":
            return bodies[start:]
        used -= _weight(body)
    return []


def _shortened(body: dict[str, Any], limit: int) -> dict[str, Any]:
    """Return ``body`` with at most ``limit`` characters of content: its start and its end."""
    content = body.get("content")
    if not isinstance(content, str) or len(content) <= limit:
        return body
    mark = f"\n\n{SHORTENED}\n\n"
    half = max((limit - len(mark)) // 2, 0)
    if not half:
        return body | {"content": content[:limit]}
    return body | {"content": content[:half] + mark + content[-half:]}


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
