"""Messages between the processes: calls and their results, as MessagePack arrays with a tag.

MessagePack transfers events and prompts, which are bytes and text, without escaping.
"""

from typing import Any

import msgspec

from netra_shared.errors import JsonScalar

Bound = dict[str, Any]


class Call(msgspec.Struct, tag="call", array_like=True, frozen=True):
    """Calls ``method`` of the other process.

    ``trace`` is a W3C ``traceparent``, empty outside a trace; ``bound`` are the fields that every
    log record of the caller has.
    """

    id: int
    method: str
    body: msgspec.Raw
    trace: str = ""
    bound: Bound = {}


class Answer(msgspec.Struct, tag="answer", array_like=True, frozen=True):
    """The call succeeded."""

    id: int
    body: msgspec.Raw


class Failure(msgspec.Struct, tag="failure", array_like=True, frozen=True):
    """The call raised an error of the tree; see ``error_codec``."""

    id: int
    code: str
    status: int
    retry: str
    detail: str
    retry_after: float | None
    fields: dict[str, JsonScalar]


class Abandon(msgspec.Struct, tag="abandon", array_like=True, frozen=True):
    """The caller no longer waits for the result."""

    id: int


Message = Call | Answer | Failure | Abandon

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Message).decode
