"""What the HTTP interfaces return, as frozen values.

Unknown members are ignored, so that a newer server can add some without breaking this client.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

ItemType = TypeVar("ItemType")


class User(msgspec.Struct, frozen=True):
    """A person; ``roles`` are ``user`` and perhaps ``operator``."""

    id: UUID
    email: str
    display_name: str | None = None
    roles: tuple[str, ...] = ()


class TokenPair(msgspec.Struct, frozen=True):
    """An access token and the refresh token that renews it, once. Lifetimes in seconds."""

    access_token: str
    expires_in: float
    refresh_token: str
    refresh_expires_in: float = 0.0

    def __repr__(self) -> str:
        """Never show a token: values land in logs and tracebacks."""
        return f"TokenPair(expires_in={self.expires_in:g})"


class SignedIn(TokenPair, frozen=True, kw_only=True):
    """Answer of register and login: the tokens and whose they are."""

    user: User

    def __repr__(self) -> str:
        """Never show a token."""
        return f"SignedIn(user={self.user.id}, expires_in={self.expires_in:g})"


class SocketTicket(msgspec.Struct, frozen=True):
    """A single-use credential for one socket; ``expires_in`` in seconds."""

    ticket: str
    expires_in: float

    def __repr__(self) -> str:
        """Never show the ticket."""
        return f"SocketTicket(expires_in={self.expires_in:g})"


class Thread(msgspec.Struct, frozen=True, rename="camel"):
    """One conversation; ``active_run_id`` is the run that is answering at present."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    title: str | None = None
    active_run_id: UUID | None = None
    deleted_at: datetime | None = None


class Siblings(msgspec.Struct, frozen=True):
    """The messages with the same parent, one for each branch; ``index`` starts at 0.

    ``previous`` and ``next`` are the neighbours of the message at ``index``.
    """

    index: int
    count: int
    previous: UUID | None = None
    next: UUID | None = None


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """A stored message: an AG-UI message with the run that it belongs to.

    ``content`` is text, AG-UI content parts, or None (an assistant message of tool calls only).
    ``tool_calls`` are AG-UI tool calls ``{id, type, function: {name, arguments}}``.
    ``parent_id`` is the message before it in its branch, None for a first message; ``siblings``
    are the other versions of it.
    """

    id: str
    role: str
    created_at: datetime
    content: str | list[Any] | None = None
    run_id: UUID | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None
    parent_id: UUID | None = None
    siblings: Siblings | None = None

    @property
    def text(self) -> str:
        """The textual content; parts that are not text are left out."""
        if isinstance(self.content, str):
            return self.content
        parts = self.content or []
        return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


class Decision(msgspec.Struct, frozen=True, rename="camel"):
    """What the thread's owner decided about one interrupt of a run.

    ``outcome`` is ``approved``, ``declined``, or ``dismissed``: a new message was sent in place of
    an answer, and the call was not made. ``edited_args`` replaced the arguments of the call.
    """

    interrupt_id: str
    outcome: str
    decided_at: datetime
    tool_call_id: str | None = None
    reason: str | None = None
    edited_args: dict[str, Any] | None = None


class StoredRun(msgspec.Struct, frozen=True, rename="camel"):
    """A run; ``status`` is running, completed, cancelled, interrupted or failed.

    ``message_id`` is the user message that it answers, ``parent_run_id`` the paused run that it
    continues. ``interrupts`` wait for ``NetraClient.resume``; ``decisions`` are the record of those
    that were answered. ``step_times``: start and end in Unix ms of tool calls and thoughts, by id.
    """

    id: UUID
    thread_id: UUID
    status: str
    created_at: datetime
    finished_at: datetime | None = None
    error_code: str | None = None
    model: str | None = None
    message_id: UUID | None = None
    parent_run_id: UUID | None = None
    interrupts: tuple[dict[str, Any], ...] | None = None
    decisions: tuple[Decision, ...] | None = None
    step_times: dict[str, tuple[int | None, int | None]] | None = None


class Page(msgspec.Struct, Generic[ItemType], frozen=True, rename="camel"):
    """One page; ``next_cursor`` is None on the last."""

    items: tuple[ItemType, ...]
    next_cursor: str | None = None
