"""What the gateway asks of a stream store; Valkey implements it in ``valkey_store.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from netra_backend.app.websocket_core.streams.entry import Draft, Entry
from netra_backend.app.websocket_core.streams.resume import StreamPosition, StreamState


class EpochChanged(Exception):
    """The epoch that was read from is no longer the stream's; open it again."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where an event was already shown before the store had it.

    ``position`` was told to clients. ``parent`` is the history that it continued. When the
    store gives the event the same number, positions told meanwhile remain good for resuming.
    """

    position: StreamPosition
    parent: StreamPosition


@dataclass(frozen=True, slots=True)
class Appended:
    """The event stands at ``position``; ``receivers`` instances got it live."""

    position: StreamPosition
    receivers: int


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The store had this ``(producer, seq)``; ``position`` where it still knows it."""

    position: StreamPosition | None


@dataclass(frozen=True, slots=True)
class ProducerGap:
    """The store misses events of this producer after ``last`` (-1: all); send them first."""

    last: int


class StreamStore(Protocol):
    """Streams by thread. Every method raises ``StreamUnavailable`` when the store is away."""

    async def open(self, thread_id: UUID, base: StreamPosition | None) -> StreamState:
        """Return the thread's state, beginning its stream if there is none.

        ``base`` is where a stream that must begin anew should continue, so that readers who
        stand there need not start again.
        """

    async def read(self, thread_id: UUID, after: StreamPosition, limit: int) -> Sequence[Entry]:
        """Return up to ``limit`` entries after a position of the present epoch, in order.

        Raises:
            EpochChanged: ``after.epoch`` is not the present one.
        """

    async def append(
        self,
        thread_id: UUID,
        draft: Draft,
        *,
        told: Told | None = None,
        base: StreamPosition | None = None,
        accept_gap: bool = False,
    ) -> Appended | AlreadyThere | ProducerGap:
        """Append and publish, atomically and once per ``(producer, seq)``.

        ``accept_gap`` appends although earlier events of the producer are lost for good; the
        stream then begins an epoch that nobody can resume into.
        """

    async def positions(self, thread_ids: Sequence[UUID]) -> list[StreamPosition | None]:
        """Return the heads of many streams at once; ``None`` where there is no stream."""

    async def ping(self) -> None:
        """Return when the store answers."""
