"""The port of a stream store; ``valkey_store.py`` implements it on Valkey."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.resume import StreamPosition, StreamState

LOCAL_EPOCH = "local-"  # prefix of epochs that an instance started during an outage


class EpochChanged(Exception):
    """The epoch of the read is no longer current; open the stream again."""


@dataclass(frozen=True, slots=True)
class PriorDelivery:
    """Where an event was delivered before the store had it.

    Clients got it at ``position``; ``parent`` is the position that it followed. When the store
    gives the event the same offset, the delivered positions remain valid for resuming.
    """

    position: StreamPosition
    parent: StreamPosition

    @property
    def is_local(self) -> bool:
        """Whether the event was delivered during an outage and the store never had it."""
        return self.position.epoch.startswith(LOCAL_EPOCH)


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a lost stream continues, and the run that is open there."""

    position: StreamPosition
    open_run: str | None = None


@dataclass(frozen=True, slots=True)
class StreamSize:
    """Memory of one thread's stream in the store.

    Args:
        events: bytes of its events, which live for minutes after their run.
        rest: bytes of its epoch, offset and producers, which live longer.
        open: whether a run is open in it.
    """

    events: int
    rest: int
    open: bool


@dataclass(frozen=True, slots=True)
class Appended:
    """The event has ``position``; ``receivers`` instances received it live.

    ``size`` is the memory of the stream, where it was measured: not at every event.
    """

    position: StreamPosition
    receivers: int
    size: StreamSize | None = None


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The store already had this ``(producer, seq)``, at ``position`` if still known."""

    position: StreamPosition | None


@dataclass(frozen=True, slots=True)
class ProducerGap:
    """The store lacks events of this producer after ``last`` (-1: all); append them first."""

    last: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run of the thread is open; this run's first event waits for its end."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The event was dropped: its offset is taken, and the database has its content."""


class StreamStore(Protocol):
    """Streams by thread. Every method raises ``StreamUnavailable`` when the store fails."""

    async def open(self, thread_id: UUID, base: Continuation | None) -> StreamState:
        """Return the state of the thread's stream; create the stream if there is none.

        With ``base`` a lost stream continues there, so readers at that position lose nothing.
        """

    async def read(self, thread_id: UUID, after: StreamPosition, limit: int) -> Sequence[Entry]:
        """Return up to ``limit`` entries after a position of the current epoch, in order.

        Raises:
            EpochChanged: ``after.epoch`` is not the current one.
        """

    async def append(
        self,
        thread_id: UUID,
        draft: Draft,
        *,
        prior: PriorDelivery | None = None,
        base: Continuation | None = None,
        accept_gap: bool = False,
        in_place: bool = False,
    ) -> Appended | AlreadyThere | ProducerGap | Busy | Lost:
        """Append and publish, atomically and once per ``(producer, seq)``.

        ``accept_gap`` appends although earlier events of the producer are lost, or another run
        is still open; the stream then starts an epoch into which no earlier position resumes.
        ``in_place`` restores events of an ended run that the store lost: each gets its former
        offset or none is appended, because readers may have reloaded the history.
        """

    async def break_continuity(self, thread_id: UUID, run_id: UUID, producer: str) -> None:
        """Start an epoch into which no earlier position resumes, without an open run.

        From here on only this producer may append events of the run.
        """

    async def positions(self, thread_ids: Sequence[UUID]) -> list[StreamPosition | None]:
        """Return the heads of several streams; ``None`` where there is no stream."""

    async def ping(self) -> None:
        """Return when the store answers."""
