"""What a reader of a thread receives."""

from typing import Any
from uuid import UUID

import msgspec

from netra_client.models import Message
from netra_client.resume import Position

# AG-UI 1.0: nothing of a run follows one of these.
TERMINAL_TYPES = frozenset({"RUN_FINISHED", "RUN_ERROR"})


class ThreadEvent(msgspec.Struct, frozen=True):
    """One AG-UI event of a thread, at its place in the order.

    ``event`` is the event as JSON (camelCase members, ``type`` among them), for example
    ``{"type": "TEXT_MESSAGE_CONTENT", "messageId": "…", "delta": "Hel"}``.
    """

    thread_id: UUID
    run_id: UUID
    position: Position
    event: dict[str, Any]

    @property
    def type(self) -> str:
        """The AG-UI type, for example ``RUN_STARTED``."""
        return str(self.event.get("type", ""))

    @property
    def is_terminal(self) -> bool:
        """Whether the run ends with this event."""
        return self.type in TERMINAL_TYPES

    @property
    def void_messages(self) -> tuple[str, ...]:
        """Ids of messages to drop: another instance took the run over and sends them again."""
        if self.type != "CUSTOM" or self.event.get("name") != "netra.restarted":
            return ()
        return tuple(self.event.get("value", {}).get("messages", ()))


class StreamReset(msgspec.Struct, frozen=True):
    """The server could not continue at the reader's position: start again from ``messages``.

    ``reason`` is ``trimmed``, ``epoch_changed``, ``store_lost`` or ``gap``. ``messages`` is the
    thread's stored history, oldest first. When ``active_run_id`` is not None, that run's events
    follow from its RUN_STARTED, so everything shown of it must be discarded too; if its
    beginning is no longer kept, another reset follows when it has ended. A reader that joins such
    a run gets this reset (``trimmed``) before anything else.
    """

    thread_id: UUID
    reason: str
    active_run_id: UUID | None
    messages: tuple[Message, ...]


StreamItem = ThreadEvent | StreamReset
