"""The store on a real Valkey: bounds in bytes, lifetimes, and appends without free memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from redis.asyncio import Redis

from netra_backend.app.streams import keys
from netra_backend.app.streams.entry import Draft
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.resume import NotRecovered, StreamPosition, plan_resume
from netra_backend.app.streams.store import Appended, Lost, PriorDelivery
from netra_backend.app.streams.valkey_store import ValkeyStreamStore
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client

EVENT = b'{"type":"TEXT_MESSAGE_CONTENT","messageId":"%b","delta":"word "}' % str(uuid4()).encode()


@asynccontextmanager
async def store(
    valkey_url: str, limits: StreamLimits | None = None
) -> AsyncIterator[tuple[Redis, ValkeyStreamStore]]:
    client = valkey_client(valkey_url)
    try:
        yield client, ValkeyStreamStore(client, limits or StreamLimits())
    finally:
        await client.aclose()


class Run:
    """Appends the events of one run."""

    def __init__(self, streams: ValkeyStreamStore, thread_id: UUID) -> None:
        self.streams, self.thread_id = streams, thread_id
        self.run_id = str(uuid4())
        self.producer = f"{self.run_id}.12345678"
        self.seq = 0

    async def append(
        self, count: int = 1, *, event: bytes = EVENT, terminal: bool = False
    ) -> StreamPosition:
        position = StreamPosition("", 0)
        for _ in range(count):
            draft = Draft(self.producer, self.seq, self.run_id, terminal, event)
            placed = await self.streams.append(self.thread_id, draft)
            assert isinstance(placed, Appended)
            position = placed.position
            self.seq += 1
        return position


async def test_an_entry_is_read_as_it_was_appended(valkey_url: str) -> None:
    async with store(valkey_url) as (_, streams):
        thread_id = uuid4()
        first, second = Run(streams, thread_id), Run(streams, thread_id)
        await first.append(2)
        await first.append(terminal=True)
        head = await second.append(2)
        entries = await streams.read(thread_id, StreamPosition(head.epoch, 0), 10)
        assert [(e.producer, e.seq, e.run_id, e.terminal) for e in entries] == [
            (first.producer, 0, first.run_id, False),
            (first.producer, 1, first.run_id, False),
            (first.producer, 2, first.run_id, True),
            (second.producer, 0, second.run_id, False),
            (second.producer, 1, second.run_id, False),
        ]
        assert {entry.event for entry in entries} == {EVENT.decode()}


async def test_an_event_of_a_token_takes_few_bytes_more_than_its_text(valkey_url: str) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        await Run(streams, thread_id).append(1000)
        used = await client.memory_usage(keys.events_key(thread_id))
        assert used is not None
        assert used / 1000 < len(EVENT) + 30


async def test_a_stream_is_bounded_in_bytes_and_keeps_its_newest_events(valkey_url: str) -> None:
    limits = StreamLimits(stream_max_bytes=100_000)
    async with store(valkey_url, limits) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        for _ in range(20):
            await run.append(100)
            used = await client.memory_usage(keys.events_key(thread_id))
            assert used is not None
            assert used < 130_000
        head = await run.append(event=b'"' + b"x" * 150_000 + b'"')
        state = await streams.open(thread_id, None)
        assert state.head == head.offset
        entries = await streams.read(thread_id, StreamPosition(head.epoch, state.first - 1), 5000)
        assert [entry.offset for entry in entries] == list(range(state.first, head.offset + 1))


async def test_large_events_after_small_ones_are_measured(valkey_url: str) -> None:
    """A sample of the oldest nodes would find 4 kB each and keep 60 MB."""
    async with store(valkey_url, StreamLimits(stream_max_bytes=500_000)) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        await run.append(640)
        head = await run.append(30, event=b'"' + b"x" * 100_000 + b'"')
        used = await client.memory_usage(keys.events_key(thread_id), samples=0)
        assert used is not None
        assert used < 500_000
        state = await streams.open(thread_id, None)
        assert state.head == head.offset
        assert state.first > 640


async def test_a_stream_shrinks_and_without_a_run_disappears_in_two_steps(
    valkey_url: str,
) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        head = await run.append(1000)
        size = await streams.shrink(thread_id, 50_000)
        assert 0 < size.events <= 50_000
        assert size.open
        size = await streams.shrink(thread_id, 0)
        assert 0 < size.events < 10_000  # an open run keeps its newest event
        last = await run.append(terminal=True)
        assert last == StreamPosition(head.epoch, head.offset + 1)
        size = await streams.shrink(thread_id, 0)
        assert (size.events, size.open) == (0, False)
        assert (await streams.open(thread_id, None)).position == last
        assert (await streams.shrink(thread_id, 0)).rest == 0
        assert await client.exists(keys.meta_key(thread_id)) == 0


async def test_after_its_run_a_stream_lives_for_minutes_and_its_offset_longer(
    valkey_url: str,
) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        await run.append(3000)
        assert await client.ttl(keys.events_key(thread_id)) > 3000
        head = await run.append(terminal=True)
        assert 0 < await client.ttl(keys.events_key(thread_id)) <= 300
        used = await client.memory_usage(keys.events_key(thread_id))
        assert used is not None
        assert used < 160_000
        await client.delete(keys.events_key(thread_id))  # as at the end of its life
        state = await streams.open(thread_id, None)
        assert (state.position, state.first) == (head, head.offset + 1)
        following = await Run(streams, thread_id).append()
        assert following == StreamPosition(head.epoch, head.offset + 1)


async def test_producers_are_bounded(valkey_url: str) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        head = StreamPosition("", 0)
        for _ in range(300):
            run = Run(streams, thread_id)
            await run.append()
            head = await run.append(terminal=True)
        state = await streams.open(thread_id, None)
        entries = await streams.read(thread_id, StreamPosition(head.epoch, state.first - 1), 5000)
        assert len(entries) == 512  # two for each of the 256 kept producers
        assert await client.hlen(keys.meta_key(thread_id)) < 256 + 10


async def test_a_full_store_still_orders_and_delivers(valkey_url: str) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        await run.append(1500)
        live = client.pubsub()
        await live.execute_command("SSUBSCRIBE", keys.live_channel(thread_id))
        try:
            await client.config_set("maxmemory", 1)
            head = await run.append(500)
            opened = await streams.open(thread_id, None)
            used = await client.memory_usage(keys.events_key(thread_id))
        finally:
            await client.config_set("maxmemory", 0)
        assert opened.head == head.offset == 2000
        assert used is not None
        assert used < 160_000  # the stream gave up older events for newer ones
        delivered = 0
        while delivered < 500:
            message = await live.parse_response(block=True)
            delivered += message[0] == b"smessage"
        await live.aclose()  # type: ignore[no-untyped-call]
        await run.append(terminal=True)


async def test_after_a_break_no_earlier_position_resumes_and_one_attempt_may_append(
    valkey_url: str,
) -> None:
    async with store(valkey_url) as (_, streams):
        thread_id = uuid4()
        former, latter = Run(streams, thread_id), Run(streams, thread_id)
        latter.run_id = former.run_id
        before = await former.append(3)
        await streams.break_continuity(thread_id, UUID(former.run_id), latter.producer)
        state = await streams.open(thread_id, None)
        assert plan_resume(before, state).reason is NotRecovered.EPOCH_CHANGED
        assert state.open_run is None

        start = await latter.append(2)
        # The former attempt's instance repairs what it had published.
        late = Draft(former.producer, 3, former.run_id, terminal=False, event=EVENT)
        prior = PriorDelivery(StreamPosition("local", 4), before)
        assert await streams.append(thread_id, late, prior=prior) == Lost()
        entries = await streams.read(thread_id, StreamPosition(start.epoch, before.offset), 10)
        assert [(e.producer, e.seq) for e in entries] == [
            (latter.producer, 0),
            (latter.producer, 1),
        ]
        assert (await streams.open(thread_id, None)).open_run_offset == before.offset + 1


async def test_the_first_event_of_a_new_attempt_takes_the_run_over(valkey_url: str) -> None:
    async with store(valkey_url) as (_, streams):
        thread_id = uuid4()
        former, latter = Run(streams, thread_id), Run(streams, thread_id)
        latter.run_id = former.run_id
        await former.append(2)
        await latter.append(1)
        draft = Draft(former.producer, 2, former.run_id, terminal=False, event=EVENT)
        assert await streams.append(thread_id, draft) == Lost()
        await latter.append(1)
        # The thread's next run is another matter.
        await latter.append(terminal=True)
        await Run(streams, thread_id).append(2)
