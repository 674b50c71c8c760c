"""Decodes JSON-RPC 2.0 text frames into typed commands. No I/O.

Two steps: first the envelope, then the parameters by method, so that an error answer can carry
the id of the request. Unknown members are ignored: during a rollout a newer client can reach an
older revision.
"""

import json
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec

from netra_backend.app.websocket_core import rpc_errors
from netra_backend.app.websocket_core.rpc_errors import RpcErrorCode
from netra_shared.text import well_formed

PROTOCOL_VERSION: Final = 1

RequestId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | int
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MalformedFrame(Exception):
    """A frame whose answer is an error. Not in the error tree: it is an answer."""

    def __init__(
        self,
        error: RpcErrorCode,
        detail: str,
        *,
        request_id: RequestId | None = None,
        field: str = "",
    ) -> None:
        super().__init__(detail)
        self.error = error
        self.detail = detail
        self.request_id = request_id
        self.field = field


class Position(msgspec.Struct, frozen=True, rename="camel"):
    """The last event that a client has received."""

    epoch: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class SubscribeParams(msgspec.Struct, frozen=True, rename="camel"):
    """``thread.subscribe``."""

    thread_id: UUID
    position: Position | None = None


class UnsubscribeParams(msgspec.Struct, frozen=True, rename="camel"):
    """``thread.unsubscribe``."""

    thread_id: UUID


class ClientInfo(msgspec.Struct, frozen=True):
    """The client software; shown in the operations view."""

    name: Name
    version: Name


class InitializeParams(msgspec.Struct, frozen=True, rename="camel"):
    """``initialize``, the first command of a connection."""

    protocol_version: int
    client: ClientInfo
    subscriptions: tuple[SubscribeParams, ...] = ()


class UserMessage(msgspec.Struct, frozen=True):
    """A message of the user; the client assigns the id."""

    id: UUID
    content: Annotated[str, msgspec.Meta(min_length=1)]


class RunStartParams(msgspec.Struct, frozen=True, rename="camel"):
    """``run.start``; the command id makes it idempotent."""

    thread_id: UUID
    command_id: UUID
    message: UserMessage
    on_busy: Literal["reject", "interrupt"] = "reject"
    parent_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    regenerate: bool = False


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """AG-UI's resume entry: a person's answer to one interrupt."""

    interrupt_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    status: Literal["resolved", "cancelled"]
    payload: dict[str, Any] | None = None


class RunResumeParams(msgspec.Struct, frozen=True, rename="camel"):
    """``run.resume``; one answer for each interrupt of the thread's paused run."""

    thread_id: UUID
    command_id: UUID
    resume: Annotated[tuple[Answer, ...], msgspec.Meta(min_length=1, max_length=64)]


class RunCancelParams(msgspec.Struct, frozen=True, rename="camel"):
    """``run.cancel``."""

    run_id: UUID


class PresenceParams(msgspec.Struct, frozen=True, rename="camel"):
    """``thread.presence``."""

    thread_id: UUID


class TokenRefreshParams(msgspec.Struct, frozen=True, rename="camel"):
    """``token.refresh``."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class OperationsSubscribeParams(msgspec.Struct, frozen=True):
    """``operations.subscribe``: for the role ``operator``."""


class OperationsUnsubscribeParams(msgspec.Struct, frozen=True):
    """``operations.unsubscribe``."""


class PingParams(msgspec.Struct, frozen=True):
    """``ping``: verifies both directions and the event loop."""


Params = (
    InitializeParams
    | SubscribeParams
    | UnsubscribeParams
    | PresenceParams
    | RunStartParams
    | RunResumeParams
    | RunCancelParams
    | TokenRefreshParams
    | OperationsSubscribeParams
    | OperationsUnsubscribeParams
    | PingParams
)

METHODS: Final[dict[str, type[Params]]] = {
    "initialize": InitializeParams,
    "thread.subscribe": SubscribeParams,
    "thread.unsubscribe": UnsubscribeParams,
    "thread.presence": PresenceParams,
    "run.start": RunStartParams,
    "run.resume": RunResumeParams,
    "run.cancel": RunCancelParams,
    "token.refresh": TokenRefreshParams,
    "operations.subscribe": OperationsSubscribeParams,
    "operations.unsubscribe": OperationsUnsubscribeParams,
    "ping": PingParams,
}


class Request(msgspec.Struct, frozen=True):
    """One decoded command."""

    id: RequestId
    method: str
    params: Params


class _Envelope(msgspec.Struct, frozen=True):
    jsonrpc: Literal["2.0"]
    id: RequestId
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")


class _IdOnly(msgspec.Struct, frozen=True):
    id: RequestId | None = None


_MISSING: Final = "Object missing required field `"  # prefix of msgspec's message
_envelope = msgspec.json.Decoder(_Envelope)
_id_only = msgspec.json.Decoder(_IdOnly)
_params = {method: msgspec.json.Decoder(shape) for method, shape in METHODS.items()}


def decode_request(frame: str) -> Request:
    """Return the command in a text frame; its text is well-formed.

    JSON can escape a lone surrogate (RFC 8259, section 8.2), which msgspec refuses.

    Raises:
        MalformedFrame: carrying the error that answers it.
    """
    frame = _without_lone_surrogates(frame)
    try:
        envelope = _envelope.decode(frame)
    except msgspec.ValidationError as error:
        # Before DecodeError, its base class: valid JSON, but not a valid request.
        problem, field = _describe(error)
        raise MalformedFrame(
            rpc_errors.INVALID_REQUEST, problem, request_id=_find_id(frame), field=field
        ) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedFrame(rpc_errors.PARSE_ERROR, f"Not JSON: {error}") from None
    decoder = _params.get(envelope.method)
    if decoder is None:
        raise MalformedFrame(
            rpc_errors.UNKNOWN_METHOD,
            f"Unknown method {envelope.method[:64]!r}.",
            request_id=envelope.id,
        )
    try:
        params = decoder.decode(envelope.params)
    except (msgspec.DecodeError, RecursionError) as error:
        problem, field = _describe(error)
        raise MalformedFrame(
            rpc_errors.INVALID_PARAMS, problem, request_id=envelope.id, field=field
        ) from None
    return Request(envelope.id, envelope.method, params)


def _without_lone_surrogates(frame: str) -> str:
    """Return the frame with U+FFFD for each lone surrogate; unchanged when it is not JSON."""
    if "\\ud" not in frame and "\\uD" not in frame:
        return frame
    try:
        return json.dumps(well_formed(json.loads(frame)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return frame


def _find_id(frame: str) -> RequestId | None:
    try:
        return _id_only.decode(frame).id
    except (msgspec.DecodeError, RecursionError):
        return None


def _describe(error: Exception) -> tuple[str, str]:
    """Split msgspec's message into the problem and the member's path without its ``$.``."""
    problem, _, path = str(error).partition(" - at `$")
    field = path.removesuffix("`").removeprefix(".")
    if problem.startswith(_MISSING):
        name = problem.removeprefix(_MISSING).removesuffix("`")
        field = f"{field}.{name}" if field else name
    return (f"{problem} at {field}." if field else f"{problem}."), field
