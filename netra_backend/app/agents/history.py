"""The part of a thread that the model receives: its latest messages, within bounds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ag_ui.core import Message
from pydantic import TypeAdapter
from pydantic_ai.messages import ModelMessage, repair_messages
from pydantic_ai.ui.ag_ui import AGUIAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.compaction import Earlier
from netra_backend.app.db.branches import ancestors
from netra_backend.app.db.tables import messages, summaries
from netra_backend.app.db.transaction import transaction

_MESSAGES: TypeAdapter[list[Message]] = TypeAdapter(list[Message])
Body = dict[str, Any]

UNKNOWN_CONTEXT_TOKENS = 32_768  # what local servers commonly offer
FEWEST_CHARACTERS = 4_000
MOST_CHARACTERS = 400_000
SUMMARISED_MESSAGES = 400  # read for one summary, besides those of the history
LONGEST_SHARE = 4  # one message has at most this fraction of a history
SHORTENED = "[shortened: the middle of this message is omitted]"


@dataclass(frozen=True, slots=True)
class History:
    """What the model receives, oldest first, and how much of the thread it does not.

    ``omitted``: older messages that were left out. ``shortened``: messages without their middle.
    ``summary``: of the messages before them; empty when there is none. ``earlier``: messages
    that the summary must be extended by.
    """

    messages: list[ModelMessage]
    omitted: int
    shortened: int
    summary: str = ""
    earlier: Earlier | None = None


class ThreadHistory:
    """Reads histories.

    Args:
        engine: the database.
        max_messages: of one history.
        max_characters: of one history, counted over the JSON-independent text of each message.
        compacts: whether messages that do not fit are summarised.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        max_messages: int,
        max_characters: int,
        compacts: bool = False,
    ) -> None:
        self._engine = engine
        self._max_messages = max_messages
        self._max_characters = max_characters
        self._compacts = compacts

    async def before(self, *, thread_id: UUID, message_id: UUID) -> History:
        """Return the messages before ``message_id`` in its branch, within the bounds."""
        chain = ancestors(thread_id, message_id)
        bodies = (
            select(messages.c.body)
            .join(chain, chain.c.id == messages.c.id)
            .where(
                messages.c.thread_id == thread_id,
                chain.c.depth.between(1, self._max_messages + SUMMARISED_MESSAGES),
            )
            .order_by(chain.c.depth)
        )
        newest_summary = (
            select(summaries.c.content, chain.c.depth)
            .join(chain, chain.c.id == summaries.c.message_id)
            .where(summaries.c.thread_id == thread_id, chain.c.depth > 0)
            .order_by(chain.c.depth)
            .limit(1)
        )
        async with transaction(self._engine) as connection:
            newest_first = (await connection.execute(bodies)).scalars().all()
            total = await connection.scalar(select(func.max(chain.c.depth))) or 0
            stored = (await connection.execute(newest_summary)).first()
        if stored is None:
            return self._within(newest_first, total, "")
        return self._within(newest_first[: stored.depth - 1], stored.depth - 1, stored.content)

    def _within(self, newest_first: Sequence[Body], total: int, summary: str) -> History:
        """Return the history of ``total`` messages, of which ``newest_first`` were read."""
        room = self._max_characters - len(summary)
        kept = within(newest_first[: self._max_messages], room)
        omitted = total - len(kept)
        earlier: Earlier | None = None
        if omitted and self._compacts:
            # Half of the room, so that not each of the next runs summarises again.
            longest = max(room // LONGEST_SHARE, 1)
            half = within(newest_first[: self._max_messages // 2], room // 2, longest)
            if earlier := _earlier(newest_first, total, half, self._max_characters):
                kept, omitted = half, 0
        shortened = sum(SHORTENED in str(body.get("content")) for body in kept)
        if earlier is not None:
            earlier = replace(earlier, shortened=shortened)
        return History(to_model_messages(kept), omitted, shortened, summary, earlier)


def characters_for(context_tokens: int) -> int:
    """Return the characters of a history for a model's context.

    A token is 4 characters of English and 1 of Chinese. Three quarters of the context leave room
    for the question, the tools and the answer; the upper bound limits the cost of each run.
    """
    return min(max(context_tokens * 3 // 4, FEWEST_CHARACTERS), MOST_CHARACTERS)


def _earlier(
    newest_first: Sequence[Body], total: int, kept: Sequence[Body], max_characters: int
) -> Earlier | None:
    """Return the messages before ``kept`` that fit into one request for a summary."""
    start = 0
    if kept:
        start = 1 + next(i for i, body in enumerate(newest_first) if body["id"] == kept[0]["id"])
    share = max(max_characters // LONGEST_SHARE, 1)
    taken: list[Body] = []
    used = 0
    for body in newest_first[start:]:
        taken.append(_shortened(body, share))
        used += _weight(taken[-1])
        if used > max_characters:
            taken.pop()
            break
    if not taken:
        return None
    return Earlier(
        bodies=taken[::-1],
        message_id=UUID(taken[0]["id"]),
        left_out=total - start - len(taken),
        shortened=0,
    )


def within(
    newest_first: Sequence[Body], max_characters: int, longest: int | None = None
) -> list[Body]:
    """Return the newest messages that fit, oldest first; the first is a user message.

    A message that is longer than ``longest``, by default a quarter of the bound, is shortened, so
    that one message never displaces all others. A history that starts in the middle of an answer
    (a tool result without its call) is rejected by most providers, so the newest user message is
    always part of it.
    """
    share = longest or max(max_characters // LONGEST_SHARE, 1)
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
