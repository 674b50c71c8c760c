"""One end of the channel: calls the other side, and does what the other side asks.

Everything is bounded. A side has at most ``in_flight`` calls under way; who calls beyond that
waits, within the call's deadline, and so does who calls while the kernel's buffer is full. What a
slow side holds up is therefore its caller, not memory.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import msgspec
import structlog

from netra_backend.app.worker.rpc.error_codec import error_of, failure_of
from netra_backend.app.worker.rpc.errors import (
    ChannelClosed,
    ChannelTimeout,
    FrameTooLarge,
    UnknownCall,
)
from netra_backend.app.worker.rpc.frames import FrameReader, framed
from netra_backend.app.worker.rpc.messages import (
    Abandon,
    Answer,
    Bound,
    Call,
    Failure,
    Message,
    decode,
    encode,
)
from netra_shared.errors import InternalError, NetraError
from netra_shared.logging import get_logger
from netra_shared.telemetry import continued_trace, traceparent

_log = get_logger(__name__)

AnswerType = TypeVar("AnswerType")
_PROTOCOL_ERRORS = (msgspec.MsgspecError, NetraError)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one side does for the other: the type of the body, and who does it.

    ``act`` returns what ``msgspec`` can encode, or raises errors of the one tree.
    """

    body: type[Any]
    act: Callable[[Any], Awaitable[Any]]


class Peer(asyncio.Protocol):
    """One end of an open channel; ``connect`` makes it.

    Args:
        duties: what this side does, by name.
        in_flight: calls of this side that may be under way.
        max_frame_bytes: largest message either way.

    Attributes:
        closed: done when the channel is closed, by whichever side.
    """

    def __init__(self, duties: Mapping[str, Duty], *, in_flight: int, max_frame_bytes: int) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._duties = {
            name: (msgspec.msgpack.Decoder(duty.body).decode, duty.act)
            for name, duty in duties.items()
        }
        self._reader = FrameReader(max_frame_bytes)
        self._max_frame_bytes = max_frame_bytes
        self._in_flight = in_flight
        self._slots = asyncio.Semaphore(in_flight)
        self._writable = asyncio.Event()
        self._writable.set()
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._acting: dict[int, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._transport: Any = None

    async def call(
        self, method: str, body: Any, answer: type[AnswerType], *, seconds: float
    ) -> AnswerType:
        """Let the other side do ``method`` and return its answer.

        Args:
            method: one of the other side's duties.
            body: its argument; what ``msgspec`` can encode.
            answer: the type of the answer.
            seconds: deadline of the whole, waiting for its turn included.

        Raises:
            ChannelTimeout: no answer within ``seconds``; the other side was told to give up.
            ChannelClosed: the channel is closed, or was before the answer came.
            NetraError: what the other side raised.
        """
        try:
            async with asyncio.timeout(seconds), self._slots:
                await self._writable.wait()
                raw = await self._ask(method, body)
        except TimeoutError:
            raise ChannelTimeout(
                f"`{method}` had no answer within {seconds:g} s.", retry_after=1.0
            ) from None
        return msgspec.msgpack.decode(raw, type=answer)

    async def _ask(self, method: str, body: Any) -> msgspec.Raw:
        if self.closed.done():
            raise ChannelClosed
        call_id = next(self._ids)
        answered: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = answered
        bound: Bound = structlog.contextvars.get_contextvars()
        try:
            self._send(Call(call_id, method, msgspec.Raw(encode(body)), traceparent(), bound))
            return await answered
        except asyncio.CancelledError:
            self._send(Abandon(call_id))
            raise
        finally:
            del self._waiting[call_id]

    def close(self) -> None:
        """Close the channel; calls under way fail, what the other side asked goes on."""
        if self._transport is not None:
            self._transport.close()

    async def idle(self) -> None:
        """Return when nothing is being done for the other side any more."""
        while acting := [*self._acting.values(), *self._leaving]:
            await asyncio.wait(acting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Implement ``asyncio.Protocol``."""
        self._transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        """Implement ``asyncio.Protocol``."""
        self._writable.set()
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(ChannelClosed())
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Implement ``asyncio.Protocol``."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Implement ``asyncio.Protocol``."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Implement ``asyncio.Protocol``: a side that breaks the rules is left."""
        try:
            for payload in self._reader.feed(data):
                self._take(decode(payload))
        except _PROTOCOL_ERRORS as error:
            _log.error("channel broken", error_type=type(error).__name__, error=str(error))
            self._transport.abort()

    def _take(self, message: Message) -> None:
        if isinstance(message, Call):
            if len(self._acting) >= self._in_flight:
                raise InternalError("more calls under way than may be")
            self._acting[message.id] = asyncio.create_task(
                self._act(message), name=f"channel-{message.method}"
            )
        elif isinstance(message, Abandon):
            if task := self._acting.pop(message.id, None):
                task.cancel()
                self._leaving.add(task)
                task.add_done_callback(self._leaving.discard)
        else:
            answered = self._waiting.get(message.id)
            if answered is None or answered.done():
                return  # its caller has given up
            if isinstance(message, Answer):
                answered.set_result(message.body)
            else:
                answered.set_exception(error_of(message))

    async def _act(self, call: Call) -> None:
        try:
            outcome = await self._outcome(call)
        finally:
            wanted = self._acting.pop(call.id, None) is not None
        if wanted:  # an abandoned call's answer concerns nobody
            self._send(outcome)

    async def _outcome(self, call: Call) -> Answer | Failure:
        with continued_trace(call.trace), structlog.contextvars.bound_contextvars(**call.bound):
            try:
                decoder, act = self._duty(call.method)
                return Answer(call.id, msgspec.Raw(encode(await act(decoder(call.body)))))
            except NetraError as error:
                return failure_of(call.id, error)
            except Exception as error:  # noqa: BLE001  a defect answers one call, not the others
                error_id = os.urandom(16).hex()
                _log.error(
                    "channel call failed", method=call.method, error_id=error_id, exc_info=error
                )
                return failure_of(call.id, InternalError(errorId=error_id))

    def _duty(self, method: str) -> tuple[Callable[[Any], Any], Callable[[Any], Awaitable[Any]]]:
        try:
            return self._duties[method]
        except KeyError:
            raise UnknownCall(f"`{method}` is not done here.") from None

    def _send(self, message: Message) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        payload = encode(message)
        if len(payload) > self._max_frame_bytes:
            if isinstance(message, Call):
                raise FrameTooLarge(f"`{message.method}`: {len(payload)} bytes do not fit.")
            large = InternalError(f"An answer of {len(payload)} bytes does not fit the channel.")
            payload = encode(failure_of(message.id, large))
        self._transport.write(framed(payload))


async def connect(
    end: socket.socket, duties: Mapping[str, Duty], *, in_flight: int, max_frame_bytes: int
) -> Peer:
    """Return the peer on ``end``, which it owns from now on."""
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_unix_connection(
        lambda: Peer(duties, in_flight=in_flight, max_frame_bytes=max_frame_bytes), sock=end
    )
    return peer
