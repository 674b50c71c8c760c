"""Moves bytes and timers between asyncio and the connection machine."""

import asyncio
from asyncio import BaseTransport, Transport
from math import inf
from typing import cast

from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.machine import (
    Action,
    Closed,
    ConnectionMachine,
    MachineSettings,
    Phase,
)
from netra_backend.app.transport.receiver import Receiver


class ConnectionShell(asyncio.Protocol):
    """One connection on an asyncio transport.

    Args:
        settings: limits of the connection.
        loop: the event loop.
    """

    # A broadcast calls each connection once, with cold CPU caches: no instance dictionaries.
    __slots__ = (
        "_machine", "_paused", "_receiver", "_timer", "is_open", "loop", "transport", "writable",
    )  # fmt: skip

    def __init__(self, settings: MachineSettings, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.transport: Transport
        self.is_open = False
        self.writable = True
        self._machine = ConnectionMachine(settings)
        self._receiver: Receiver | None = None
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the transport from the HTTP protocol."""
        self.transport = cast("Transport", transport)  # uvloop's transports have another base

    def data_received(self, data: bytes) -> None:
        """Process received bytes."""
        self._machine.receive_data(data, self.loop.time())
        self._update()

    def pause_writing(self) -> None:
        """Record that the peer does not read fast enough."""
        self.writable = self._machine.writable = False

    def resume_writing(self) -> None:
        """Record that the peer reads again, and notify the receiver."""
        self.writable = True
        self._machine.resume_writing()
        self._update()
        if self._receiver is not None and self.is_open:
            self._receiver.on_writable()

    def connection_lost(self, _error: Exception | None) -> None:
        """Notify the receiver, after the events that it has not got yet."""
        self.is_open, self.writable = False, True
        self._machine.connection_lost()
        if self._receiver is not None:
            self._receiver.on_writable()
        self._update()

    def attach(self, receiver: Receiver) -> None:
        """Deliver to ``receiver`` from now on, held events first."""
        self._receiver = receiver
        self.release()

    def hold(self) -> None:
        """Deliver no further event until ``release``."""
        self._machine.hold()

    def release(self) -> None:
        """Continue the delivery."""
        if self._receiver is not None:
            self._machine.release(self.loop.time())
            self._update()

    def write(self, frame: WireFrame) -> None:
        """Write one frame; check ``writable`` before, or the buffer grows without limit."""
        if self.is_open:
            self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and wait for the peer's until the deadline."""
        self._machine.close(code, reason, self.loop.time())
        self._update()

    def _update(self) -> None:
        """Apply the state of the machine: output, events, action, reading, timer."""
        machine = self._machine
        self.is_open = machine.phase is Phase.OPEN
        self._flush()
        while (event := machine.next_event()) is not None:
            receiver = self._receiver
            if type(event) is Closed:
                self.is_open, self._receiver = False, None
                if receiver is not None:
                    receiver.on_closed(event.code, event.reason)
            elif receiver is not None:
                receiver.on_text(event) if type(event) is str else receiver.on_binary(event)  # type: ignore[arg-type]
        self._flush()
        if machine.action is not Action.NONE:
            self._apply(machine.take_action())
        if machine.reading is self._paused:
            self._pause(paused=not machine.reading)
        if machine.wake_at != inf or self._timer is not None:
            self._arm(machine.wake_at)

    def _flush(self) -> None:
        if self._machine.output:
            for piece in self._machine.data_to_send():
                self.transport.write(piece)

    def _apply(self, action: Action) -> None:
        transport = self.transport
        if action is Action.ABORT:
            transport.abort()
        elif (
            action is not Action.CLOSE and transport.can_write_eof() and not transport.is_closing()
        ):
            transport.write_eof()
        else:
            transport.close()
        if action is Action.REJECT:
            self._pause(paused=True)

    def _pause(self, *, paused: bool) -> None:
        # A transport that is closing, for example after a failed write, refuses both calls.
        if paused is not self._paused and not self.transport.is_closing():
            self._paused = paused
            self.transport.pause_reading() if paused else self.transport.resume_reading()

    def _arm(self, wake_at: float) -> None:
        """Set the timer, unless it fires early enough: then it finds nothing due."""
        if self._timer is not None and not self._timer.cancelled():
            if self._timer.when() <= wake_at != inf:
                return
            self._timer.cancel()
        self._timer = None if wake_at == inf else self.loop.call_at(wake_at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._machine.tick(self.loop.time())
        self._update()
