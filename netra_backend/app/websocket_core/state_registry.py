"""The records of all connections, from the start of the handshake until after the close.

One registry per process, created by the gateway and passed as an argument; there is no
module-level instance. Handlers get the record as an argument. A record leaves the open ones only
by ``close``, and remains available among the recently closed ones.
"""

import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from netra_backend.app.websocket_core.close_codes import BY_NUMBER
from netra_backend.app.websocket_core.errors import IllegalTransition


class ConnectionState(StrEnum):
    """The state of a connection."""

    CONNECTING = "connecting"  # the upgrade request is being examined
    AUTHENTICATED = "authenticated"  # upgraded, the user is known, `initialize` is pending
    READY = "ready"  # commands and events flow
    DRAINING = "draining"  # notified to reconnect to another instance
    CLOSED = "closed"


_EDGES: Final = {
    ConnectionState.CONNECTING: {ConnectionState.AUTHENTICATED, ConnectionState.CLOSED},
    ConnectionState.AUTHENTICATED: {
        ConnectionState.READY,
        ConnectionState.DRAINING,
        ConnectionState.CLOSED,
    },
    ConnectionState.READY: {ConnectionState.DRAINING, ConnectionState.CLOSED},
    ConnectionState.DRAINING: {ConnectionState.CLOSED},
    ConnectionState.CLOSED: set[ConnectionState](),
}


@dataclass(eq=False, slots=True)
class ConnectionRecord:
    """The record of one connection. Times are unix seconds."""

    connection_id: str = field(default_factory=lambda: uuid4().hex)
    state: ConnectionState = ConnectionState.CONNECTING
    address: str = ""
    opened_at: float = field(default_factory=time.time)
    entered: dict[ConnectionState, float] = field(default_factory=dict)
    user_id: UUID | None = None
    session_id: UUID | None = None
    client: str = ""
    threads: set[UUID] = field(default_factory=set)
    frames_in: int = 0
    frames_out: int = 0  # set when the session has ended; events do not pass through here
    refused: str | None = None  # the error code of a refused handshake
    close_code: int | None = None
    close_reason: str = ""
    error_id: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return the record as JSON values; it contains no credential."""
        return {
            "connectionId": self.connection_id,
            "state": self.state.value,
            "openedAt": self.opened_at,
            "entered": {state.value: at for state, at in self.entered.items()},
            "userId": None if self.user_id is None else str(self.user_id),
            "sessionId": None if self.session_id is None else str(self.session_id),
            "client": self.client,
            "threads": sorted(str(thread) for thread in self.threads),
            "framesIn": self.frames_in,
            "framesOut": self.frames_out,
            "refused": self.refused,
            "closeCode": self.close_code,
            "closeReason": self.close_reason,
            "errorId": self.error_id,
        }


class StateRegistry:
    """All records of this process.

    Args:
        recently_closed: number of closed records that are kept.
    """

    def __init__(self, *, recently_closed: int) -> None:
        self._open: dict[str, ConnectionRecord] = {}
        self._closed: OrderedDict[str, ConnectionRecord] = OrderedDict()
        self._keep = recently_closed
        self._per_user: Counter[UUID] = Counter()
        self._per_address: Counter[str] = Counter()
        self._close_codes: Counter[int] = Counter()
        self._refusals: Counter[str] = Counter()
        self.opened_total = 0

    @property
    def open_count(self) -> int:
        """Number of connections that are not closed, including handshakes in progress."""
        return len(self._open)

    @property
    def open_records(self) -> tuple[ConnectionRecord, ...]:
        """The records of all connections that are not closed."""
        return tuple(self._open.values())

    def open(self, address: str = "") -> ConnectionRecord:
        """Create a record in state CONNECTING for a client at ``address``."""
        record = ConnectionRecord(address=address)
        self._per_address[address] += 1
        record.entered[record.state] = record.opened_at
        self._open[record.connection_id] = record
        self.opened_total += 1
        return record

    def get(self, connection_id: str) -> ConnectionRecord | None:
        """Return the record of an open or recently closed connection."""
        return self._open.get(connection_id) or self._closed.get(connection_id)

    def count_of(self, user_id: UUID) -> int:
        """Return the number of authenticated connections of the user on this instance."""
        return self._per_user[user_id]

    def count_at(self, address: str) -> int:
        """Return the number of open connections of an address, handshakes included."""
        return self._per_address[address]

    def authenticated(self, record: ConnectionRecord, user_id: UUID, session_id: UUID) -> None:
        """Move to AUTHENTICATED and record the user.

        Raises:
            IllegalTransition: the record is not CONNECTING.
        """
        self.advance(record, ConnectionState.AUTHENTICATED)
        record.user_id, record.session_id = user_id, session_id
        self._per_user[user_id] += 1

    def advance(self, record: ConnectionRecord, state: ConnectionState) -> None:
        """Move ``record`` along one edge of the state machine.

        Raises:
            IllegalTransition: the state machine has no such edge.
        """
        if state not in _EDGES[record.state]:
            raise IllegalTransition(
                f"Connection {record.connection_id} cannot change from {record.state} to {state}."
            )
        record.state = state
        record.entered[state] = time.time()

    def close(
        self,
        record: ConnectionRecord,
        *,
        code: int | None = None,
        reason: str = "",
        refused: str | None = None,
        error_id: str | None = None,
    ) -> None:
        """Move to CLOSED; ``code`` is ``None`` when the upgrade did not happen.

        Raises:
            IllegalTransition: the record is already closed.
        """
        self.advance(record, ConnectionState.CLOSED)
        record.close_code, record.close_reason = code, reason
        record.refused, record.error_id = refused, error_id
        if code is not None:
            self._close_codes[code] += 1
        if refused is not None:
            self._refusals[refused] += 1
        _decrement(self._per_address, record.address)
        if record.user_id is not None:
            _decrement(self._per_user, record.user_id)
        del self._open[record.connection_id]
        self._closed[record.connection_id] = record
        if len(self._closed) > self._keep:
            self._closed.popitem(last=False)

    def snapshot(self, *, recent: int = 20) -> dict[str, Any]:
        """Return the operations view: counts, close codes by name, recently closed records."""
        states = Counter(record.state.value for record in self._open.values())
        latest = list(self._closed.values())[-recent:] if recent else []
        return {
            "open": len(self._open),
            "byState": dict(states),
            "users": len(self._per_user),
            "openedTotal": self.opened_total,
            "closeCodes": {
                str(code): {"count": count, "name": _name_of(code)}
                for code, count in sorted(self._close_codes.items())
            },
            "refusedHandshakes": dict(sorted(self._refusals.items())),
            "recentlyClosed": [record.describe() for record in reversed(latest)],
        }


def _decrement(counts: Counter[Any], key: UUID | str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _name_of(code: int) -> str:
    known = BY_NUMBER.get(code)
    if known is not None:
        return known.name
    # Codes that only a peer or the library sets: RFC 6455 section 7.4.1.
    return {1001: "going_away", 1005: "no_status", 1006: "abnormal"}.get(code, "other")
