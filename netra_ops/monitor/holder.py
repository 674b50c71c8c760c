"""Keeps one socket open, counts what happens to it and to the events of a thread."""

import asyncio
import contextlib
from dataclasses import replace
from uuid import UUID

from netra_client import ClientOptions, NetraClient, Position, StreamReset
from netra_client.errors import NetraClientError, SocketClosed
from netra_client.states import Closed, Connected, ConnectionState, Waiting
from netra_client.token_source import TokenSource
from netra_ops.monitor.tally import Tally

RETRY_SECONDS = 2.0  # after a first connection that failed; later ones are the client's business


class HeldSocket:
    """One socket that stays open, with a reader of one thread.

    Args:
        address: of the platform.
        tokens: access tokens; owned by the caller.
        options: of the client; ``on_state`` is replaced.
        tally: counts.
        thread: read on this socket; None reads nothing.
    """

    def __init__(
        self,
        address: str,
        tokens: TokenSource,
        options: ClientOptions,
        tally: Tally,
        thread: UUID | None,
    ) -> None:
        self._address = address
        self._tokens = tokens
        self._options = replace(options, on_state=self._on_state)
        self._tally = tally
        self._thread = thread
        self._is_open = False
        self._was_open = False
        self._position: Position | None = None

    async def hold(self) -> None:
        """Keep the socket until this is cancelled."""
        try:
            while True:
                with contextlib.suppress(NetraClientError):  # counted by ``_on_state``
                    async with NetraClient(self._address, self._tokens, self._options) as client:
                        await self._read(client)
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._set_open(is_open=False)

    async def _read(self, client: NetraClient) -> None:
        if self._thread is None:
            await asyncio.Event().wait()  # until cancelled; the keeper replaces lost connections
            return
        async with await client.subscribe(self._thread, self._position) as stream:
            self._position = self._position or stream.position
            async for item in stream:
                if isinstance(item, StreamReset):
                    self._tally.held.resets += 1
                    self._position = stream.position
                    continue
                before = self._position.offset if self._position else item.position.offset - 1
                self._tally.held.expected += max(1, item.position.offset - before)
                self._tally.held.events += 1
                self._position = item.position

    def _on_state(self, state: ConnectionState) -> None:
        match state:
            case Connected():
                if self._was_open:
                    self._tally.held.resumes += 1
                self._was_open = True
                self._set_open(is_open=True)
            case Waiting(cause=cause):
                self._lost(cause)
            case Closed(error=error):
                self._lost(error)
            case _:
                return

    def _lost(self, cause: NetraClientError | None) -> None:
        if self._is_open and isinstance(cause, SocketClosed):
            self._tally.closed(cause.close_code)
        self._set_open(is_open=False)

    def _set_open(self, *, is_open: bool) -> None:
        self._tally.held.change(int(is_open) - int(self._is_open))
        self._is_open = is_open
