"""What a service says arrived, and how to compare it with what was sent."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Sent = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Secret:
    """A value that the service shows as a digest only."""

    sha256: str
    length: int

    def __str__(self) -> str:
        return f"sha256 {self.sha256[:12]}…, {self.length} characters"


@dataclass(frozen=True)
class Arrival:
    """The headers of one request as the service saw them.

    Attributes:
        from_edge: the service believes that its peer is the edge.
        dropped: names that the service refused to see; the edge should have removed them.
        headers: pairs in their order, names in lower case.
        selected: the subprotocol that a handshake ended with.
    """

    from_edge: bool
    dropped: tuple[str, ...]
    headers: tuple[tuple[str, str | Secret], ...]
    selected: str | None = None

    def values(self, name: str) -> list[str | Secret]:
        """Return what arrived under ``name``, in order."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True)
class Refusal:
    """The request did not get through.

    Attributes:
        status: the HTTP status, 0 when the connection just ended, None when nothing came at all.
        code: of the problem document, empty when there is none.
    """

    status: int | None
    code: str = ""

    def __str__(self) -> str:
        if self.status is None:
            return "no answer"
        return f"{self.status} {self.code}".strip() if self.status else "connection closed"


Outcome = Arrival | Refusal


def read_arrival(document: Mapping[str, Any], selected: str | None = None) -> Arrival:
    """Return the arrival in a service's answer.

    Raises:
        KeyError, TypeError, ValueError: the document has another shape.
    """
    return Arrival(
        from_edge=bool(document["fromEdge"]),
        dropped=tuple(document["dropped"]),
        headers=tuple(
            (
                str(name).lower(),
                value if isinstance(value, str) else Secret(value["sha256"], int(value["length"])),
            )
            for name, value in document["headers"]
        ),
        selected=selected,
    )


def is_same(arrived: str | Secret, *candidates: str) -> bool:
    """Return whether ``arrived`` is one of ``candidates``, in clear or as a digest."""
    if isinstance(arrived, str):
        return arrived in candidates
    return any(
        hashlib.sha256(c.encode("latin-1")).hexdigest() == arrived.sha256 for c in candidates
    )
