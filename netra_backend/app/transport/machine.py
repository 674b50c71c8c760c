"""The server's side of one WebSocket as a state machine, without I/O and without a clock.

Input: received bytes, calls of the application, the current time. Output: bytes to send, events
for the receiver, an action on the transport, and the time of the next call of ``tick``.

Rules: RFC 6455 sections 5.5 (control frames), 7.1.1 (the server closes the connection first) and
7.1.7 (failing a connection).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import Final

from netra_backend.app.transport import frames
from netra_backend.app.transport.inbound_budget import InboundBudget, InboundUse
from netra_backend.app.transport.keepalive import Due, Keepalive
from netra_backend.app.transport.parser import (
    Close,
    Event,
    Flooded,
    FrameParser,
    Ping,
    Pong,
    Violation,
)
from netra_backend.app.transport.upgrade import (
    UpgradeHead,
    UpgradeRefused,
    accept_response,
    parse_head,
    refusal_response,
)

ABNORMAL: Final = 1006
SERVICE_RESTART: Final = 1012  # IANA's registry of close codes
_NO_EVENTS: Final[tuple[Event, ...]] = ()


class Phase(IntEnum):
    """The state of a connection."""

    CONNECTING = 0  # the request has no answer yet
    OPEN = 1
    CLOSING = 2  # a close frame or an HTTP refusal was sent
    CLOSED = 3  # the transport is closed


class Action(IntEnum):
    """What the shell does with the transport after it has sent the output."""

    NONE = 0
    HALF_CLOSE = 1  # end the sending side: closing with unread data would reset the connection
    CLOSE = 2
    REJECT = 3  # stop reading and end the sending side
    ABORT = 4


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection ended by the peer or by an error; the last event of a machine."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """Limits of a connection; durations in seconds.

    Attributes:
        max_size: largest message in bytes.
        ping_interval: time between pings; None: no pings.
        ping_timeout: time for an answer; None: no deadline.
        close_seconds: deadline of the closing handshake, then the transport is aborted.
        unresponsive: close code and reason for a peer that does not answer a ping.
        flooded: close code and reason for a peer that exceeds its inbound budget.
        reject_seconds: time for such a peer to read its close frame.
        inbound: rates of received frames and bytes; None: unlimited.
    """

    max_size: int = 1 << 24
    ping_interval: float | None = 20.0
    ping_timeout: float | None = 20.0
    close_seconds: float = 10.0
    unresponsive: tuple[int, str] = (1001, "no answer to ping")
    flooded: tuple[int, str] = (1008, "too many frames")
    reject_seconds: float = 0.5
    inbound: InboundBudget | None = None


class ConnectionMachine:
    """One connection, from the head of its request to the end of its transport.

    Bounds: one incomplete message of ``max_size`` bytes; while deliveries are held, the events of
    one read, because ``reading`` is then false; one pong, the latest, while the peer does not
    read.
    """

    __slots__ = (
        "_abort_at", "_at", "_events", "_head_seen", "_held", "_inbound", "_keepalive", "_now",
        "_owed_pong", "_parser", "_settings", "action", "head", "output", "phase", "wake_at",
        "writable",
    )  # fmt: skip

    def __init__(self, settings: MachineSettings) -> None:
        self.phase = Phase.CONNECTING
        self.head: UpgradeHead | None = None
        self.action = Action.NONE
        self.writable = True
        self.output: list[bytes] = []
        self.wake_at = inf  # time of the next call of `tick`
        self._settings = settings
        self._inbound = None if settings.inbound is None else InboundUse(settings.inbound)
        self._parser = FrameParser(settings.max_size)
        self._head_seen = False
        self._held = True  # until a receiver is attached
        self._events: Sequence[Event | Closed] = _NO_EVENTS
        self._at = 0  # index of the next undelivered event
        self._owed_pong: bytes | None = None
        self._keepalive: Keepalive | None = None
        self._abort_at = inf
        self._now = 0.0  # the latest time that was passed in

    # Output -------------------------------------------------------------------------------

    @property
    def undelivered(self) -> int:
        """Number of received events that the receiver has not got yet."""
        return len(self._events) - self._at

    @property
    def reading(self) -> bool:
        """Whether the shell should read: false while received events are held."""
        return self._events is _NO_EVENTS or self.phase is not Phase.OPEN

    def data_to_send(self) -> list[bytes]:
        """Return and clear the output, in order."""
        output, self.output = self.output, []
        return output

    def take_action(self) -> Action:
        """Return and clear the action."""
        action, self.action = self.action, Action.NONE
        return action

    def next_event(self) -> str | bytes | Closed | None:
        """Return the next event for the receiver; ``None`` while held or when there is none."""
        events = self._events
        if self._held or events is _NO_EVENTS:
            return None
        event = events[self._at]
        self._at += 1
        if self._at == len(events):
            self._events, self._at = _NO_EVENTS, 0
        return event if isinstance(event, str | bytes | Closed) else self._end(event)

    # Input from the peer ------------------------------------------------------------------

    def receive_data(self, data: bytes, now: float) -> None:
        """Process received bytes: the head of the request first, then frames."""
        self._now = now
        if not self._head_seen:
            self._head_seen = True
            self._receive_head(data)
            return
        if self._keepalive is not None:
            self._keepalive.heard = True
        if self._inbound is None:
            events = self._parser.feed(data)
        else:
            self._parser.allowance = self._inbound.allowance(now, len(data))
            events = self._parser.feed(data)
            self._inbound.frames = self._parser.allowance
        for event in events:
            if type(event) is not str:
                events = [event for event in events if not self._is_control(event)]
                break
        if self.phase is Phase.CLOSING:
            if any(type(event) is Close for event in events):
                self._act(Action.CLOSE)  # RFC 6455 section 7.1.1: the server closes first
        elif events:
            self._append(events)

    def connection_lost(self) -> None:
        """Process the end of the transport: an abnormal close behind the held events."""
        was, self.phase = self.phase, Phase.CLOSED
        self._stop_timers()
        self._owed_pong = None
        self.output.clear()
        self.writable = True  # no caller may wait for a buffer that is never emptied
        if was is not Phase.CLOSING:
            self._append([Close(ABNORMAL, "")])

    def resume_writing(self) -> None:
        """Send the pong that is owed since the peer stopped reading."""
        self.writable = True
        if self._owed_pong is not None:
            payload, self._owed_pong = self._owed_pong, None
            self._pong(payload)

    def tick(self, now: float) -> None:
        """Process the deadlines that are due at ``now``."""
        self._now = now
        if now >= self._abort_at:
            self._abort_at = self.wake_at = inf
            self._act(Action.ABORT)
        elif self._keepalive is not None:
            due = self._keepalive.tick(now, listening=self.reading)
            self.wake_at = self._keepalive.wake_at
            if due is Due.PING and self.writable:
                self.output.append(frames.encode_frame(frames.PING, b""))
            elif due is Due.UNRESPONSIVE:
                self._start_closing(*self._settings.unresponsive)
                self._end_with(*self._settings.unresponsive)

    # Input from the application -----------------------------------------------------------

    def accept(
        self, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]], now: float
    ) -> bool:
        """Upgrade; return whether the peer is still connected."""
        if self.phase is not Phase.CONNECTING or self.head is None:
            return False
        self.output.append(accept_response(self.head, subprotocol, headers))
        self.phase = Phase.OPEN
        self.head = None
        if self._settings.ping_interval:
            self._keepalive = Keepalive(
                self._settings.ping_interval, self._settings.ping_timeout, now
            )
            self.wake_at = self._keepalive.wake_at
        return True

    def refuse(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, now: float
    ) -> None:
        """Answer with HTTP instead of an upgrade, and close."""
        if self.phase is not Phase.CONNECTING:
            return
        has_length = any(name.lower() == b"content-length" for name, _ in headers)
        self.output.append(refusal_response(status, headers, body, length=not has_length))
        self.phase = Phase.CLOSING
        self._now = now
        self._abort_after(self._settings.close_seconds)
        self._act(Action.CLOSE)

    def close(self, code: int, reason: str, now: float) -> None:
        """Send a close frame and wait ``close_seconds`` for the peer's; deliver nothing more.

        If the peer does not read, the frame may never be sent; the deadline applies anyway.
        """
        if self.phase is not Phase.OPEN:
            return
        self._now = now
        closed_by_peer = any(type(event) is Close for event in self._events)
        self._start_closing(code, reason)
        self._events, self._at = _NO_EVENTS, 0
        if closed_by_peer:
            self._act(Action.CLOSE)

    def shutdown(self, now: float) -> None:
        """Refuse with 503 or close with 1012: the server stops."""
        if self.phase is Phase.CONNECTING:
            self.refuse(503, [(b"retry-after", b"1")], b"", now)
            self._end_with(ABNORMAL, "")
        elif self.phase is Phase.OPEN:
            self.close(SERVICE_RESTART, "", now)
            self._end_with(SERVICE_RESTART, "")

    def hold(self) -> None:
        """Deliver no further event until ``release``."""
        self._held = True

    def release(self, now: float) -> None:
        """Continue the delivery."""
        self._now = now
        if self.phase is not Phase.CLOSING:
            self._held = False

    # Inside -------------------------------------------------------------------------------

    def _receive_head(self, data: bytes) -> None:
        try:
            self.head = parse_head(data)
        except UpgradeRefused as refused:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), *refused.headers]
            self.refuse(refused.status, headers, refused.detail.encode(), self._now)

    def _is_control(self, event: Event) -> bool:
        """Process an event that is not for the receiver; return whether it was one."""
        if type(event) is Ping:
            self._pong(event.payload)
            return True
        if type(event) is Flooded:
            # Not behind held events: from now on the peer must not cost anything.
            if self.phase is Phase.OPEN:
                self._start_closing(*self._settings.flooded)
                self._end_with(*self._settings.flooded)
            self._abort_after(self._settings.reject_seconds)
            self._act(Action.REJECT)
            return True
        return type(event) is Pong

    def _append(self, events: Sequence[Event]) -> None:
        self._events = [*self._events[self._at :], *events] if self._events else events
        self._at = 0

    def _end(self, event: Event) -> Closed:
        """Answer a close or a violation when it is delivered; return the last event."""
        code, reason = (
            (event.code, event.reason) if isinstance(event, Close | Violation) else (ABNORMAL, "")
        )
        if self.phase is Phase.OPEN:
            if type(event) is Violation:
                self._start_closing(code, reason)
                self._act(Action.HALF_CLOSE)
            else:
                self._start_closing(code, "")
                self._act(Action.CLOSE)
        self._held = True
        return Closed(code, reason)

    def _end_with(self, code: int, reason: str) -> None:
        """Replace the undelivered events by the end, also while they are held."""
        self._events, self._at, self._held = (Closed(code, reason),), 0, False

    def _start_closing(self, code: int, reason: str) -> None:
        self.phase = Phase.CLOSING
        self._held = True
        self._stop_timers()
        self.output.append(frames.close_frame(code, reason))
        self._abort_after(self._settings.close_seconds)

    def _act(self, action: Action) -> None:
        self.action = max(self.action, action)

    def _abort_after(self, seconds: float) -> None:
        self._keepalive = None
        self._abort_at = self.wake_at = self._now + seconds

    def _stop_timers(self) -> None:
        self._keepalive = None
        self._abort_at = self.wake_at = inf

    def _pong(self, payload: bytes) -> None:
        if self.phase is not Phase.OPEN:
            return
        if self.writable:
            self.output.append(frames.encode_frame(frames.PONG, payload))
        else:
            self._owed_pong = payload  # RFC 6455 section 5.5.3: the latest ping suffices
