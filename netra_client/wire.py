"""JSON-RPC 2.0 frames of the socket: bytes to values and back, without I/O."""

from typing import Any, TypeVar
from uuid import UUID

import msgspec

from netra_client.codes import RetryClass
from netra_client.errors import CommandRejected, ProtocolViolation
from netra_client.resume import Position, Subscribed
from netra_client.text import well_formed

JsonObject = dict[str, Any]


class ErrorData(msgspec.Struct, frozen=True, rename="camel"):
    """``error.data``: Netra's code, its retry class, and perhaps a wait in milliseconds."""

    code: str = "unknown"
    retry: str = RetryClass.NEVER.value
    retry_after_ms: float | None = None
    error_id: str | None = None


class ErrorObject(msgspec.Struct, frozen=True):
    """The ``error`` member of a response (JSON-RPC 2.0 section 5.1)."""

    code: int
    message: str
    data: ErrorData | None = None

    def to_exception(self) -> CommandRejected:
        """Return this as the exception that the caller of the command gets."""
        data = self.data or ErrorData()
        known = {item.value for item in RetryClass}
        return CommandRejected(
            self.code,
            self.message,
            code=data.code,
            retry=RetryClass(data.retry) if data.retry in known else RetryClass.NEVER,
            retry_after=None if data.retry_after_ms is None else data.retry_after_ms / 1000,
            error_id=data.error_id,
        )


class Frame(msgspec.Struct, frozen=True):
    """Any frame from the server: a notification has ``method``, a response has ``id``."""

    jsonrpc: str
    id: int | str | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw(b"{}")
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: ErrorObject | None = None


class Limits(msgspec.Struct, frozen=True, rename="camel"):
    """Bounds of one connection; ages in seconds, sizes in bytes."""

    max_frame_bytes: int = 65_536
    commands_per_second: float = 10.0
    max_subscriptions: int = 100
    max_socket_age_seconds: float = 3600.0


class SocketUser(msgspec.Struct, frozen=True):
    """Whom the socket belongs to."""

    id: UUID
    roles: tuple[str, ...] = ()


class Initialized(msgspec.Struct, frozen=True, rename="camel"):
    """Result of ``initialize``. ``token_expires_at`` is in Unix seconds of the server's clock."""

    protocol_version: int
    connection_id: str
    instance_id: str
    user: SocketUser
    token_expires_at: float
    limits: Limits = Limits()
    revision: str | None = None
    subscriptions: tuple[msgspec.Raw, ...] = ()


class StartedRun(msgspec.Struct, frozen=True, rename="camel"):
    """Result of ``run.start``; the message is stored when this arrives."""

    run_id: UUID
    thread_id: UUID
    message_id: UUID


class ResumedRun(msgspec.Struct, frozen=True, rename="camel"):
    """Result of ``run.resume``: the run that continues from the interrupts."""

    run_id: UUID
    thread_id: UUID


class CancelledRun(msgspec.Struct, frozen=True, rename="camel"):
    """Result of ``run.cancel``."""

    run_id: UUID
    status: str


class PresentConnection(msgspec.Struct, frozen=True, rename="camel"):
    """One connection; ``client`` is ``name/version``, ``since`` in unix seconds."""

    connection_id: str
    user_id: UUID
    client: str
    since: float


class Presence(msgspec.Struct, frozen=True, rename="camel"):
    """Result of ``thread.presence``; ``complete`` is false when other instances were not asked."""

    thread_id: UUID
    complete: bool
    connections: tuple[PresentConnection, ...]


class EventParams(msgspec.Struct, frozen=True, rename="camel"):
    """Params of ``thread.event``; ``event`` is an AG-UI event."""

    thread_id: UUID
    epoch: str
    offset: int
    run_id: UUID
    event: JsonObject


class ExpiringParams(msgspec.Struct, frozen=True, rename="camel"):
    """Params of ``connection.expiring``: ``reason`` is ``token`` or ``max_age``."""

    reason: str
    closes_in_seconds: float


class DrainingParams(msgspec.Struct, frozen=True, rename="camel"):
    """Params of ``connection.draining``: when to be on another instance, in milliseconds."""

    reconnect_after_ms: float


class _SubscribeResult(msgspec.Struct, frozen=True, rename="camel"):
    thread_id: UUID
    epoch: str = ""
    offset: int = 0
    recovered: bool = False
    reason: str | None = None
    active_run_id: UUID | None = None
    error: ErrorObject | None = None


ResultType = TypeVar("ResultType")
_frame_decoder = msgspec.json.Decoder(Frame)


def decode_frame(data: str | bytes) -> Frame:
    """Return the frame in ``data``.

    Raises:
        ProtocolViolation: not JSON, not JSON-RPC 2.0, or a binary message.
    """
    if isinstance(data, bytes):
        raise ProtocolViolation("The server sent a binary message; the protocol has only text")
    try:
        frame = _frame_decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise ProtocolViolation(f"The server sent a frame that cannot be read: {error}") from None
    if frame.jsonrpc != "2.0":
        raise ProtocolViolation(f"The server speaks JSON-RPC {frame.jsonrpc!r}, not 2.0")
    return frame


def encode_request(request_id: int, method: str, params: JsonObject) -> str:
    """Return the text of a request: UUIDs in ``params`` become strings, text well-formed."""
    request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": well_formed(params)}
    return msgspec.json.encode(request).decode()


def decode_subscribed(raw: msgspec.Raw) -> tuple[UUID, Subscribed | CommandRejected]:
    """Return the thread and what ``thread.subscribe`` (alone or in ``initialize``) answered.

    Raises:
        ProtocolViolation: the result does not have the documented shape.
    """
    result = decode_as(raw, _SubscribeResult)
    if result.error is not None:
        return result.thread_id, result.error.to_exception()
    return result.thread_id, Subscribed(
        position=Position(result.epoch, result.offset),
        recovered=result.recovered,
        reason=result.reason,
        active_run_id=result.active_run_id,
    )


def decode_as(raw: msgspec.Raw, shape: type[ResultType]) -> ResultType:
    """Return ``raw`` as ``shape``.

    Raises:
        ProtocolViolation: it does not have that shape.
    """
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.MsgspecError as error:
        raise ProtocolViolation(f"The server's {shape.__name__} cannot be read: {error}") from None
