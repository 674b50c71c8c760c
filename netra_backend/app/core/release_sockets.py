"""The open sockets of this instance as the release room sees them."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from netra_backend.app.releases.ports import Departing
from netra_backend.app.websocket_core import close_codes
from netra_backend.app.websocket_core.close_cause import ServerClose
from netra_backend.app.websocket_core.session import Session
from netra_backend.app.websocket_core.state_registry import ConnectionState


class DepartingSession:
    """One session, for the release room.

    Args:
        session: open.
        notice_seconds: between the notification and close 1012.
        streaming: returns the threads to which a run of this instance streams.
    """

    def __init__(
        self, session: Session, notice_seconds: float, streaming: Callable[[], Iterable[UUID]]
    ) -> None:
        self._session = session
        self._notice_seconds = notice_seconds
        self._streaming = streaming

    @property
    def opened_at(self) -> float:
        """Unix seconds."""
        return self._session.record.opened_at

    @property
    def busy(self) -> bool:
        """Whether a run of this instance streams to one of its threads."""
        return any(thread in self._session.subscriptions for thread in self._streaming())

    def leave(self) -> None:
        """Notify the client and close with 1012 after the notice."""
        if self._session.ending is not None:
            return
        self._session.drain(reconnect_after_ms=0)
        close = ServerClose(close_codes.SERVICE_RESTART)
        asyncio.get_running_loop().call_later(self._notice_seconds, self._session.end, close)


class GatewaySockets:
    """Implements ``OpenSockets`` over a gateway's sessions.

    Args:
        sessions: returns the open sessions.
        notice_seconds: between the notification and close 1012.
        streaming: returns the threads to which a run of this instance streams.
    """

    def __init__(
        self,
        sessions: Callable[[], Iterable[Session]],
        notice_seconds: float,
        streaming: Callable[[], Iterable[UUID]],
    ) -> None:
        self._sessions = sessions
        self._notice_seconds = notice_seconds
        self._streaming = streaming

    def departing(self) -> Collection[Departing]:
        """Return the sessions that are not draining yet."""
        return [
            DepartingSession(session, self._notice_seconds, self._streaming)
            for session in self._sessions()
            if session.ending is None and session.record.state is ConnectionState.READY
        ]
