"""Encodes results, errors and notifications as frames. No I/O."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from pydantic import JsonValue

from netra_backend.app.streams.entry import Entry
from netra_backend.app.transport.frames import WireFrame, text_frame
from netra_backend.app.websocket_core import rpc_errors
from netra_backend.app.websocket_core.presence import PresentConnection
from netra_backend.app.websocket_core.protocol import MalformedFrame, RequestId
from netra_backend.app.websocket_core.rpc_errors import RpcErrorCode, rpc_error_for
from netra_shared.errors import NetraError

_encode = msgspec.json.Encoder().encode


class SubscribeResult(msgspec.Struct, frozen=True, rename="camel"):
    """The start of a subscription; notifications follow after ``offset``."""

    thread_id: UUID
    epoch: str
    offset: int
    recovered: bool
    reason: str | None
    active_run_id: UUID | None


class SubscribeFailure(msgspec.Struct, frozen=True, rename="camel"):
    """A refused item of ``initialize``'s subscriptions; the other items are not affected."""

    thread_id: UUID
    error: dict[str, Any]


class ConnectionLimits(msgspec.Struct, frozen=True, rename="camel"):
    """The limits of the connection."""

    max_frame_bytes: int
    commands_per_second: float
    max_subscriptions: int
    max_socket_age_seconds: float


class InitializeUser(msgspec.Struct, frozen=True):
    """The user of the connection."""

    id: UUID
    roles: tuple[str, ...]


class InitializeResult(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to ``initialize``; ``token_expires_at`` in unix seconds."""

    protocol_version: int
    connection_id: str
    instance_id: str
    revision: str | None
    user: InitializeUser
    token_expires_at: int
    limits: ConnectionLimits
    subscriptions: tuple[SubscribeResult | SubscribeFailure, ...]


class PresenceResult(msgspec.Struct, frozen=True, rename="camel"):
    """The subscribed connections; not ``complete``: other instances were not reachable."""

    thread_id: UUID
    complete: bool
    connections: tuple[PresentConnection, ...]


class RunStartResult(msgspec.Struct, frozen=True, rename="camel"):
    """The run exists and its message is committed."""

    run_id: UUID
    thread_id: UUID
    message_id: UUID


class RunResumeResult(msgspec.Struct, frozen=True, rename="camel"):
    """The run that continues after the interrupts exists."""

    run_id: UUID
    thread_id: UUID


class RunCancelResult(msgspec.Struct, frozen=True, rename="camel"):
    """The status of the run when the cancellation was requested."""

    run_id: UUID
    status: str


class TokenRefreshResult(msgspec.Struct, frozen=True, rename="camel"):
    """When the new token expires, in unix seconds."""

    token_expires_at: int


def result_frame(request_id: RequestId, result: object) -> WireFrame:
    """Return a successful answer."""
    return text_frame(_encode({"jsonrpc": "2.0", "id": request_id, "result": result}))


def error_frame(request_id: RequestId | None, error: dict[str, Any]) -> WireFrame:
    """Return an error answer; ``None`` when the id of the request is unknown."""
    return text_frame(_encode({"jsonrpc": "2.0", "id": request_id, "error": error}))


def malformed_error(malformed: MalformedFrame) -> dict[str, Any]:
    """Return the error object for a frame that could not be decoded."""
    error = _object(malformed.error, malformed.detail, malformed.error.name)
    if malformed.field:
        error["data"]["field"] = malformed.field
    return error


def netra_error(error: NetraError) -> dict[str, Any]:
    """Return the error object of an error of the tree: number by class, ``data`` by code."""
    body = _object(rpc_error_for(error), error.detail, error.code)
    body["data"]["retry"] = error.retry.value
    if error.retry_after is not None:
        body["data"]["retryAfterMs"] = round(error.retry_after * 1000)
    return body


def unexpected_error(error_id: str) -> dict[str, Any]:
    """Return the error object of a defect; the log has its details under ``error_id``."""
    body = _object(
        rpc_errors.INTERNAL_ERROR,
        f"Unexpected error; report it with the id {error_id}.",
        rpc_errors.INTERNAL_ERROR.name,
    )
    body["data"]["errorId"] = error_id
    return body


def event_frame(thread_id: UUID, entry: Entry) -> WireFrame:
    """Return ``thread.event``; the event is embedded as it was encoded."""
    return _notification(
        "thread.event",
        {
            "threadId": thread_id,
            "epoch": entry.epoch,
            "offset": entry.offset,
            "runId": entry.run_id,
            "event": msgspec.Raw(entry.event.encode()),
        },
    )


def expiring_frame(reason: str, closes_in_seconds: float) -> WireFrame:
    """Return ``connection.expiring``; ``reason`` is ``token`` or ``max_age``."""
    return _notification(
        "connection.expiring", {"reason": reason, "closesInSeconds": round(closes_in_seconds, 3)}
    )


def draining_frame(reconnect_after_ms: int) -> WireFrame:
    """Return ``connection.draining``."""
    return _notification("connection.draining", {"reconnectAfterMs": reconnect_after_ms})


def operations_frame(fleet: Mapping[str, JsonValue]) -> WireFrame:
    """Return ``operations.snapshot``: the view of every instance."""
    return _notification("operations.snapshot", fleet)


def _notification(method: str, params: Mapping[str, Any]) -> WireFrame:
    return text_frame(_encode({"jsonrpc": "2.0", "method": method, "params": params}))


def _object(code: RpcErrorCode, message: str, stable_code: str) -> dict[str, Any]:
    return {
        "code": code.code,
        "message": message,
        "data": {"code": stable_code, "retry": code.retry.value},
    }
