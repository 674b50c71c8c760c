"""One end of the channel: calls methods of the other process, and executes its calls.

Each side has at most ``in_flight`` concurrent calls. A further call waits within its deadline, as
does a call while the kernel's buffer is full. A slow process therefore delays its callers and
does not consume memory.
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
class Handler:
    """A method that one side offers: the type of its body, and its implementation.

    ``act`` returns a value that ``msgspec`` can encode, or raises errors of the tree.
    """

    body: type[Any]
    act: Callable[[Any], Awaitable[Any]]


class Peer(asyncio.Protocol):
    """One end of an open channel; ``connect`` makes it.

    Args:
        handlers: the methods of this side, by name.
        in_flight: largest number of concurrent calls of this side.
        max_frame_bytes: largest message either way.

    Attributes:
        closed: done when either side has closed the channel.
    """

    def __init__(
        self, handlers: Mapping[str, Handler], *, in_flight: int, max_frame_bytes: int
    ) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._handlers = {
            name: (msgspec.msgpack.Decoder(handler.body).decode, handler.act)
            for name, handler in handlers.items()
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
        """Call ``method`` of the other side and return its answer.

        Args:
            method: a method of the other side.
            body: its argument; ``msgspec`` must be able to encode it.
            answer: the type of the answer.
            seconds: deadline of the call, including the wait for a free slot.

        Raises:
            ChannelTimeout: no answer within ``seconds``; the other side cancels the call.
            ChannelClosed: the channel was closed before the answer arrived.
            NetraError: the error that the other side raised.
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
        """Close the channel; calls in flight fail, calls of the other side continue."""
        if self._transport is not None:
            self._transport.close()

    async def idle(self) -> None:
        """Wait until all calls of the other side have ended."""
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
        """Implement ``asyncio.Protocol``; a protocol violation closes the channel."""
        try:
            for payload in self._reader.feed(data):
                self._take(decode(payload))
        except _PROTOCOL_ERRORS as error:
            _log.error("channel broken", error_type=type(error).__name__, error=str(error))
            self._transport.abort()

    def _take(self, message: Message) -> None:
        if isinstance(message, Call):
            if len(self._acting) >= self._in_flight:
                raise InternalError(f"too many concurrent calls; the limit is {self._in_flight}")
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
                return  # the caller no longer waits
            if isinstance(message, Answer):
                answered.set_result(message.body)
            else:
                answered.set_exception(error_of(message))

    async def _act(self, call: Call) -> None:
        try:
            outcome = await self._outcome(call)
        finally:
            wanted = self._acting.pop(call.id, None) is not None
        if wanted:  # an abandoned call needs no answer
            self._send(outcome)

    async def _outcome(self, call: Call) -> Answer | Failure:
        with continued_trace(call.trace), structlog.contextvars.bound_contextvars(**call.bound):
            try:
                decoder, act = self._handler(call.method)
                return Answer(call.id, msgspec.Raw(encode(await act(decoder(call.body)))))
            except NetraError as error:
                return failure_of(call.id, error)
            except Exception as error:  # noqa: BLE001  a defect answers one call, not the others
                error_id = os.urandom(16).hex()
                _log.error(
                    "channel call failed", method=call.method, error_id=error_id, exc_info=error
                )
                return failure_of(call.id, InternalError(errorId=error_id))

    def _handler(self, method: str) -> tuple[Callable[[Any], Any], Callable[[Any], Awaitable[Any]]]:
        try:
            return self._handlers[method]
        except KeyError:
            raise UnknownCall(f"unknown method: `{method}`") from None

    def _send(self, message: Message) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        payload = encode(message)
        if len(payload) > self._max_frame_bytes:
            if isinstance(message, Call):
                raise FrameTooLarge(
                    f"The call `{message.method}` has {len(payload)} bytes; the limit is "
                    f"{self._max_frame_bytes}."
                )
            large = InternalError(
                f"The answer has {len(payload)} bytes; the limit is {self._max_frame_bytes}."
            )
            payload = encode(failure_of(message.id, large))
        self._transport.write(framed(payload))


async def connect(
    end: socket.socket, handlers: Mapping[str, Handler], *, in_flight: int, max_frame_bytes: int
) -> Peer:
    """Return a peer that owns ``end``."""
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_unix_connection(
        lambda: Peer(handlers, in_flight=in_flight, max_frame_bytes=max_frame_bytes), sock=end
    )
    return peer
