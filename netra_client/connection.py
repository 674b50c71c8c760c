"""One connection: requests matched with their answers, notifications handed on, in order."""

import asyncio
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from netra_client.codes import RetryClass
from netra_client.errors import (
    ABNORMAL_CLOSURE,
    CommandRejected,
    ConnectionLost,
    DeadlinePassed,
    InvalidUse,
    NetraClientError,
    ProtocolViolation,
    SocketClosed,
)
from netra_client.timeouts import ClientTimeouts, deadline
from netra_client.wire import Frame, JsonObject, decode_frame, encode_request

# Commands without an answer. A person has one or two; a program that fans out has to wait
# instead of filling the server's rate limit.
MAX_OUTSTANDING = 256
UNSUPPORTED_DATA = 1003  # RFC 6455 section 7.4.1

OnResult = Callable[[msgspec.Raw], None]


class Connection:
    """Speaks JSON-RPC over an open socket; its owner runs ``read_until_closed``.

    Args:
        socket: open, with the subprotocol selected; owned from here on.
        timeouts: ``reply`` and ``close``.
        on_notification: called with the method and the raw params, in the order of arrival; must
            not block.
    """

    def __init__(
        self,
        socket: ClientConnection,
        timeouts: ClientTimeouts,
        on_notification: Callable[[str, msgspec.Raw], None],
    ) -> None:
        self._socket = socket
        self._timeouts = timeouts
        self._on_notification = on_notification
        self._waiting: dict[int, tuple[asyncio.Future[msgspec.Raw], OnResult | None]] = {}
        self._next_id = 1
        self._ended: NetraClientError | None = None
        self.unanswered = 0
        """Commands that were in flight when the connection ended."""
        self.max_frame_bytes = 65_536  # until ``initialize`` says otherwise

    async def call(
        self,
        method: str,
        params: JsonObject,
        *,
        on_result: OnResult | None = None,
        within: float | None = None,
        name: str = "reply",
    ) -> msgspec.Raw:
        """Send a command and return its result, undecoded.

        Args:
            method: of the protocol, for example ``run.start``.
            params: its parameters.
            on_result: called with the result before any later frame is looked at; what must be
                in place before the notifications that follow an answer belongs here.
            within: seconds; ``timeouts.reply`` when None.
            name: which deadline ``within`` is.

        Raises:
            CommandRejected: the server answered with an error.
            InvalidUse: the frame is larger than the server accepts.
            DeadlinePassed: no answer in time.
            ConnectionLost, SocketClosed: the connection ended first; whether the command was
                executed is unknown.
        """
        if self._ended is not None:
            raise self._ended
        if len(self._waiting) >= MAX_OUTSTANDING:
            raise InvalidUse(f"{MAX_OUTSTANDING} commands are waiting for an answer already")
        request_id, self._next_id = self._next_id, self._next_id + 1
        text = encode_request(request_id, method, params)
        if len(text.encode()) > self.max_frame_bytes:
            # Sent anyway, it would cost the connection (1009) and be refused again on the next.
            raise CommandRejected(
                -32010,
                f"The command is larger than the server accepts ({self.max_frame_bytes} bytes)",
                code="message_too_large",
                retry=RetryClass.NEVER,
            )
        answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = (answer, on_result)
        try:
            async with deadline(name, within or self._timeouts.reply):
                await self._send(text)
                return await answer
        finally:
            self._waiting.pop(request_id, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen, also when this caller was cancelled in the same moment

    async def read_until_closed(self) -> NetraClientError:
        """Read frames until the connection ends and return why. Runs once."""
        try:
            async for data in self._socket:
                self._handle(decode_frame(data))
            return self._end(self._closed(None))
        except ConnectionClosed as error:
            return self._end(self._closed(error))
        except ProtocolViolation as error:
            self._end(error)
            await self.close(UNSUPPORTED_DATA, error.code)
            return error
        finally:
            # Also when the reader is cancelled: no one may wait for an answer forever.
            self._end(ConnectionLost("The connection ended before the answer"))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with a handshake bounded by ``timeouts.close``; harmless when closed already."""
        try:
            async with deadline("close", self._timeouts.close * 2):
                await self._socket.close(code, reason)
        except DeadlinePassed:
            self.abort("the closing handshake was not answered")

    def abort(self, why: str) -> None:
        """Cut the transport immediately; ``read_until_closed`` then returns ``ConnectionLost``."""
        self._ended = self._ended or ConnectionLost(f"Connection lost: {why}")
        self._socket.transport.abort()

    async def _send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed as error:
            raise self._closed(error) from None

    def _handle(self, frame: Frame) -> None:
        if frame.method is not None:
            self._on_notification(frame.method, frame.params)
            return
        request_id = frame.id
        if request_id is None and frame.error is not None:
            # A server that cannot read the id of a request answers with null (JSON-RPC 2.0,
            # section 5). Answers arrive in the order of the requests, so it is the oldest one's.
            request_id = next(iter(self._waiting), None)
            if request_id is None:
                return  # its caller stopped waiting
        if not isinstance(request_id, int):
            raise ProtocolViolation("The server answered without an id")
        answer, on_result = self._waiting.pop(request_id, (None, None))
        if answer is None or answer.done():
            return  # the caller stopped waiting; a late answer is no error
        if frame.error is not None:
            answer.set_exception(frame.error.to_exception())
            return
        if on_result is not None:
            try:
                on_result(frame.result)
            except ProtocolViolation as error:
                answer.set_exception(error)
                raise
        answer.set_result(frame.result)

    def _closed(self, error: ConnectionClosed | None) -> NetraClientError:
        code, reason = self._socket.close_code, self._socket.close_reason
        if error is not None and error.rcvd is None:
            code, reason = ABNORMAL_CLOSURE, "the transport ended without a close frame"
        return SocketClosed(code or ABNORMAL_CLOSURE, reason or "")

    def _end(self, why: NetraClientError) -> NetraClientError:
        """Note the first reason, and give it to everybody who waits for an answer."""
        self._ended = self._ended or why
        self.unanswered += len(self._waiting)
        for answer, _ in self._waiting.values():
            if not answer.done():
                answer.set_exception(self._ended)
        self._waiting.clear()
        return self._ended
