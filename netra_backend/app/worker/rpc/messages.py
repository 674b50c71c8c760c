"""What travels: calls and what becomes of them, as MessagePack arrays that begin with their kind.

MessagePack because events and prompts are bytes and text that need no escaping then.
"""

from typing import Any

import msgspec

from netra_shared.errors import JsonScalar

Bound = dict[str, Any]


class Call(msgspec.Struct, tag="call", array_like=True, frozen=True):
    """Asks the other side to do ``method``.

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
    """The call raised an error of the one tree, see ``crossing.py``."""

    id: int
    kind: str
    codes: tuple[str, ...]
    detail: str
    retry_after: float | None
    fields: dict[str, JsonScalar]


class Abandon(msgspec.Struct, tag="abandon", array_like=True, frozen=True):
    """Nobody waits for the call any more."""

    id: int


Message = Call | Answer | Failure | Abandon

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Message).decode
