"""Reads the events of one run from its thread's stream."""

from uuid import UUID

from netra_backend.app.streams.entry import Entry
from netra_backend.app.streams.errors import StreamUnavailable
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import EpochChanged, StreamStore

ATTEMPTS = 3  # a change of the epoch during the reading restarts it


async def read_run_events(
    store: StreamStore, thread_id: UUID, run_id: UUID, *, batch: int
) -> list[Entry] | None:
    """Return the events of a run, in order.

    Args:
        store: the stream store.
        thread_id: the thread of the stream.
        run_id: the run.
        batch: how many entries are read at a time.

    Returns:
        None when the store has lost or trimmed the first of them.

    Raises:
        StreamUnavailable: the store does not answer, or its epoch keeps changing.
    """
    for _ in range(ATTEMPTS):
        state = await store.open(thread_id, None)
        is_open = state.open_run == str(run_id)
        # 0 when a store that lost the stream knows of the run from an instance's position only.
        if is_open and state.open_run_offset < state.first:
            return None
        before = (state.open_run_offset if is_open else state.first) - 1
        try:
            entries = await _from(store, thread_id, StreamPosition(state.epoch, before), batch)
        except EpochChanged:
            continue
        own = [entry for entry in entries if entry.run_id == str(run_id)]
        return own if not own or own[0].seq == 0 else None
    raise StreamUnavailable(
        f"The epoch of the event stream changed in {ATTEMPTS} consecutive reads.", retry_after=1.0
    )


async def _from(
    store: StreamStore, thread_id: UUID, position: StreamPosition, batch: int
) -> list[Entry]:
    found: list[Entry] = []
    while True:
        entries = await store.read(thread_id, position, batch)
        found.extend(entries)
        if len(entries) < batch:
            return found
        position = StreamPosition(position.epoch, entries[-1].offset)
