"""What a command can see and change: its connection, as a narrow port."""

from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from netra_backend.app.streams.feed import EventSink, Subscription
from netra_backend.app.websocket_core.close_cause import CloseCause
from netra_backend.app.websocket_core.limits import ConnectionLimits
from netra_backend.app.websocket_core.state_registry import ConnectionRecord
from netra_shared.auth.tokens import Claims

Pending = tuple[Subscription, ...]
"""Subscriptions whose delivery starts after the answer is queued."""

Outcome = tuple[object, Pending]
"""The result of a command, and the subscriptions to start."""


class Timers(Protocol):
    """The deadlines of the connection."""

    max_age: float

    def initialized(self) -> None:
        """Cancel the initialize deadline."""

    def renew_token(self, token_expires_at: int) -> None:
        """Replace the token expiry; unix seconds."""


class CommandContext(EventSink, Protocol):
    """The connection that sent a command; implemented by ``Session``."""

    claims: Claims
    initialized: bool
    subscriptions: dict[UUID, Subscription]

    @property
    def record(self) -> ConnectionRecord:
        """The record of the connection."""

    @property
    def limits(self) -> ConnectionLimits:
        """The limits of the connection."""

    @property
    def timers(self) -> Timers:
        """The deadlines of the connection."""

    @property
    def ending(self) -> CloseCause | None:
        """The cause of the end, once it is decided."""

    @property
    def show_operations(self) -> Callable[[Mapping[str, JsonValue]], None]:
        """Sends the operations view."""
