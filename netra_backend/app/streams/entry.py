"""One event of a thread's stream and its encodings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no offset yet.

    ``(producer, seq)`` makes appending idempotent: a producer numbers its events from 0 without
    gaps. ``event`` is the JSON of the AG-UI event, encoded once by the run.
    """

    producer: str
    seq: int
    run_id: str
    terminal: bool
    event: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its position: ``offset`` within ``epoch``."""

    epoch: str
    offset: int
    producer: str
    seq: int
    run_id: str
    terminal: bool
    event: str = field(repr=False)

    @classmethod
    def placed(cls, draft: Draft, epoch: str, offset: int) -> Self:
        """Return ``draft`` at a position."""
        event = draft.event.decode()
        return cls(epoch, offset, draft.producer, draft.seq, draft.run_id, draft.terminal, event)

    @classmethod
    def unpack(cls, message: bytes) -> Self:
        """Return the entry in a live message: a header line, then the event.

        Raises:
            ValueError: the message has another format.
        """
        header, _, event = message.partition(b"\n")
        epoch, offset, producer, seq, run_id, terminal = header.decode("ascii").split(" ")
        return cls(epoch, int(offset), producer, int(seq), run_id, terminal == "1", event.decode())


Encoder = Callable[[UUID, Entry], Any]
"""Encodes the notification of a thread's entry, once for all subscriptions that get it."""
