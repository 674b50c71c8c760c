"""Streams in Valkey: each operation is one atomic function call (see ``library.lua``)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from netra_backend.app.streams import keys
from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.function_calls import call_function, unavailable
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.metrics import FULL_APPENDS
from netra_backend.app.streams.resume import StreamPosition, StreamState
from netra_backend.app.streams.store import (
    AlreadyThere,
    Appended,
    Busy,
    Continuation,
    EpochChanged,
    Lost,
    PriorDelivery,
    ProducerGap,
    StreamSize,
)

LIBRARY = Path(__file__).with_name("library.lua").read_text()


class _StoreFull(Exception):
    """Control flow inside this module: the store has no memory left."""


class ValkeyStreamStore:
    """``StreamStore`` on a client that returns bytes and has its own deadlines.

    Args:
        client: from ``netra_shared.stores.valkey.create_valkey``; owned by the caller.
        limits: stream length, ages.
        measured: called with a thread and the memory of its stream, where an append measured it.
    """

    def __init__(
        self,
        client: Redis,
        limits: StreamLimits,
        measured: Callable[[UUID, StreamSize], None] = lambda _thread, _size: None,
    ) -> None:
        self._measured = measured
        self._client = client
        self._execute: Any = client.execute_command  # untyped in redis-py
        self._limits = limits

    async def open(self, thread_id: UUID, base: Continuation | None) -> StreamState:
        """Implement ``StreamStore.open``."""
        epoch, head, first, forks, run, run_offset = await self._call(
            "netra_open_4",
            [keys.events_key(thread_id), keys.meta_key(thread_id)],
            [
                uuid4().hex,
                self._limits.stream_ttl_seconds,
                *_position_arguments(base.position if base else None),
                (base and base.open_run) or "",
            ],
        )
        return StreamState(
            epoch=epoch.decode(),
            head=head,
            first=first,
            forks=_parse_forks(forks.decode()),
            open_run=run.decode() or None,
            open_run_offset=run_offset,
        )

    async def read(self, thread_id: UUID, after: StreamPosition, limit: int) -> Sequence[Entry]:
        """Implement ``StreamStore.read``."""
        rows, names = await self._call(
            "netra_read_4",
            [keys.events_key(thread_id), keys.meta_key(thread_id)],
            [after.epoch, after.offset, limit],
        )
        producers = {names[at]: names[at + 1].split(b" ") for at in range(0, len(names), 2)}
        return [_entry(after.epoch, row, producers) for row in rows]

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
        """Implement ``StreamStore.append``."""
        reply = await self._append(
            [
                keys.events_key(thread_id),
                keys.meta_key(thread_id),
                keys.producer_key(thread_id, draft.producer),
                keys.live_channel(thread_id),
            ],
            [
                uuid4().hex,
                self._limits.stream_ttl_seconds,
                *_position_arguments(base.position if base else None),
                draft.producer,
                draft.seq,
                draft.run_id,
                int(draft.terminal),
                draft.event,
                self._limits.stream_max_events,
                self._limits.producer_ttl_seconds,
                *_position_arguments(prior.position if prior else None),
                *_position_arguments(prior.parent if prior else None),
                int(accept_gap),
                int(in_place),
                (base and base.open_run) or "",
                self._limits.stream_max_bytes,
                self._limits.stream_open_seconds,
                self._limits.stream_ended_seconds,
                self._limits.stream_ended_bytes,
            ],
        )
        match reply[0]:
            case b"ok":
                size = _size(reply[4:]) if reply[4] else None
                if size is not None:
                    self._measured(thread_id, size)
                return Appended(StreamPosition(reply[1].decode(), reply[2]), reply[3], size)
            case b"there":
                known = StreamPosition(reply[1].decode(), reply[2]) if reply[2] else None
                return AlreadyThere(known)
            case b"busy":
                return Busy()
            case b"lost":
                return Lost()
            case _:
                return ProducerGap(reply[1])

    async def shrink(self, thread_id: UUID, max_bytes: int) -> StreamSize:
        """Trim the oldest events above ``max_bytes`` and return what the stream takes then.

        With 0 a stream without an open run loses its events, and one without events its position.

        Raises:
            StreamUnavailable: the store does not answer.
        """
        return _size(
            await self._call(
                "netra_shrink_4",
                [keys.events_key(thread_id), keys.meta_key(thread_id)],
                [max_bytes],
            )
        )

    async def _append(self, names: list[str], arguments: list[Any]) -> Any:
        try:
            return await self._call("netra_append_4", names, arguments)
        except _StoreFull:
            FULL_APPENDS.inc()
            return await self._call("netra_append_full_4", names, arguments)

    async def break_continuity(self, thread_id: UUID, run_id: UUID, producer: str) -> None:
        """Implement ``StreamStore.break_continuity``."""
        meta = keys.meta_key(thread_id)
        try:
            async with self._client.pipeline(transaction=True) as pipeline:
                owner = f"{run_id} {producer}"
                fields: dict[Any, Any] = {"epoch": uuid4().hex, "forks": "", "owner": owner}
                pipeline.hset(meta, mapping=fields)
                pipeline.hdel(meta, "run", "run_offset")
                pipeline.expire(meta, self._limits.stream_ttl_seconds)
                await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise unavailable(error) from error

    async def positions(self, thread_ids: Sequence[UUID]) -> list[StreamPosition | None]:
        """Implement ``StreamStore.positions``."""
        if not thread_ids:
            return []
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for thread_id in thread_ids:
                    pipeline.hmget(keys.meta_key(thread_id), ["epoch", "head"])
                rows = await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise unavailable(error) from error
        return [
            None if epoch is None else StreamPosition(epoch.decode(), int(head))
            for epoch, head in rows
        ]

    async def ping(self) -> None:
        """Implement ``StreamStore.ping``."""
        try:
            await self._execute("PING")
        except (RedisError, OSError, TimeoutError) as error:
            raise unavailable(error) from error

    async def _call(self, function: str, names: list[str], arguments: list[Any]) -> Any:
        """Call a function; all are idempotent, so a call on a stale connection is repeated."""
        try:
            return await call_function(self._client, LIBRARY, function, names, arguments)
        except ResponseError as error:
            if str(error).startswith("EPOCH"):
                raise EpochChanged from error
            if isinstance(error, OutOfMemoryError) and function == "netra_append_4":
                raise _StoreFull from error
            raise unavailable(error) from error
        except (RedisError, OSError, TimeoutError) as error:
            raise unavailable(error) from error


def _size(row: Sequence[int]) -> StreamSize:
    return StreamSize(events=row[0], rest=row[1], open=row[2] == 1)


def _position_arguments(position: StreamPosition | None) -> tuple[str, int]:
    return ("", 0) if position is None else (position.epoch, position.offset)


def _parse_forks(text: str) -> dict[str, int]:
    pairs = (item.partition(":") for item in text.split(",") if item)
    return {epoch: int(offset) for epoch, _, offset in pairs}


def _entry(
    epoch: str, row: tuple[bytes, list[bytes]], producers: Mapping[bytes, list[bytes]]
) -> Entry:
    row_id, flat = row
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    if b"k" in fields:
        producer, run_id, _ = producers[fields[b"k"]]
    else:  # written by library 2
        producer, run_id = fields[b"p"], fields[b"r"]
    return Entry(
        epoch=epoch,
        offset=int(row_id.partition(b"-")[0]),
        producer=producer.decode(),
        seq=int(fields[b"s"]),
        run_id=run_id.decode(),
        terminal=fields.get(b"t") == b"1",
        event=fields[b"e"].decode(),
    )
