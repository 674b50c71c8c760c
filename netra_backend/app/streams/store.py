"""What the gateway asks of a stream store; Valkey implements it in ``valkey_store.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.resume import StreamPosition, StreamState

LOCAL_EPOCH = "local-"  # begins the name of every epoch that no store has given


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

    @property
    def is_local(self) -> bool:
        """Whether the store was away when the event was shown, and has never had it."""
        return self.position.epoch.startswith(LOCAL_EPOCH)


@dataclass(frozen=True, slots=True)
class Base:
    """Where a stream that must begin anew should continue, and the run that is open there."""

    position: StreamPosition
    open_run: str | None = None


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


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run of the thread is open; this one's first event has to wait for its end."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The event was given up: its place is taken, and the database has what it told."""


class StreamStore(Protocol):
    """Streams by thread. Every method raises ``StreamUnavailable`` when the store is away."""

    async def open(self, thread_id: UUID, base: Base | None) -> StreamState:
        """Return the thread's state, beginning its stream if there is none.

        ``base`` spares readers who stand there a new start.
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
        base: Base | None = None,
        accept_gap: bool = False,
        in_place: bool = False,
    ) -> Appended | AlreadyThere | ProducerGap | Busy | Lost:
        """Append and publish, atomically and once per ``(producer, seq)``.

        ``accept_gap`` appends although earlier events of the producer are lost for good, or
        another run is still open; the stream then begins an epoch that nobody can resume into.
        ``in_place`` is for an ended run's events that the store has lost: each goes to where it
        was, else none of them is appended again, since readers may have reloaded the history.
        """

    async def positions(self, thread_ids: Sequence[UUID]) -> list[StreamPosition | None]:
        """Return the heads of many streams at once; ``None`` where there is no stream."""

    async def ping(self) -> None:
        """Return when the store answers."""
