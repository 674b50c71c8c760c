"""The bound by account on a real Valkey with little memory: one account cannot fill the store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from netra_backend.app.streams import keys
from netra_backend.app.streams.accounts import KEYS, StreamAccounts
from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.metrics import FULL_APPENDS, STORE_UNAVAILABLE
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import StreamSize
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client
from netra_backend.tests.unit.websocket_core.harness.rooms import MemoryOwners
from netra_ops.services.valkey import EmbeddedValkey
from netra_shared.health.dependencies import valkey_validator

MEMORY = 24 * 1024 * 1024
LIMITS = StreamLimits(account_stream_bytes=16 * 1024 * 1024, account_entry_seconds=0.02)
BIG = b'{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"%b"}' % (b"x" * 8000)
SMALL = b'{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"word "}'


@pytest.fixture
async def small_store(tmp_path: Path) -> AsyncIterator[Redis]:
    server = EmbeddedValkey(tmp_path, settings={"maxmemory": str(MEMORY)})
    await server.start()
    client = valkey_client(server.url)
    yield client
    await client.aclose()
    await server.stop()


class Book:
    """Enters sizes for accounts and applies what must shrink, without streams."""

    def __init__(self, client: Redis, limits: StreamLimits) -> None:
        self.owners: dict[UUID, UUID] = {}
        self.accounts = StreamAccounts(client, limits, MemoryOwners(self.owners))
        self.sizes: dict[UUID, StreamSize] = {}

    async def enter(
        self, account: UUID, *sizes: int, running: bool = False
    ) -> tuple[list[UUID], dict[UUID, int]]:
        threads = [uuid4() for _ in sizes]
        self.owners.update(dict.fromkeys(threads, account))
        entries = [
            (thread, StreamSize(size, 400, running))
            for thread, size in zip(threads, sizes, strict=True)
        ]
        self.sizes.update(entries)
        return threads, dict(await self.accounts.enter(entries))

    def total(self, account: UUID) -> int:
        return sum(
            size.events for thread, size in self.sizes.items() if self.owners[thread] == account
        )

    async def settle(self, shrink: dict[UUID, int]) -> None:
        while shrink:
            entries: Sequence[tuple[UUID, StreamSize]] = [
                (thread, StreamSize(bound, 400, self.sizes[thread].open))
                for thread, bound in shrink.items()
            ]
            self.sizes.update(entries)
            shrink = dict(await self.accounts.enter(entries))


async def test_the_oldest_ended_streams_of_an_account_shrink_first(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    book = Book(client, StreamLimits(account_stream_bytes=1_000_000))
    account = uuid4()
    old, shrink = await book.enter(account, 400_000, 400_000)
    assert shrink == {}
    await client.zadd(f"{KEYS[0][:-6]}of:{account}", {str(old[0]): 1, str(old[1]): 2})
    _, shrink = await book.enter(account, 300_000, running=True)
    assert shrink == {old[0]: 0}
    await client.aclose()


async def test_the_largest_open_streams_shrink_to_one_size(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    book = Book(client, StreamLimits(account_stream_bytes=1_000_000))
    threads, shrink = await book.enter(uuid4(), 900_000, 600_000, 50_000, running=True)
    assert set(shrink) == set(threads[:2])
    assert len(set(shrink.values())) == 1
    assert 350_000 < shrink[threads[0]] < 425_000
    await client.aclose()


async def test_when_the_store_is_nearly_full_small_accounts_keep_all(small_store: Redis) -> None:
    book = Book(small_store, LIMITS)
    honest, heavy, other = uuid4(), uuid4(), uuid4()
    await book.enter(honest, 300_000, running=True)
    _, shrink = await book.enter(heavy, *[1_000_000] * 12, running=True)
    await book.settle(shrink)
    _, shrink = await book.enter(other, *[1_000_000] * 9, running=True)
    await book.settle(shrink)
    assert book.total(honest) == 300_000
    assert book.total(heavy) + book.total(other) <= MEMORY * 0.6
    assert abs(book.total(heavy) - book.total(other)) < 1_000_000


async def test_an_entry_ends_with_the_keys_of_its_stream(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    book = Book(client, StreamLimits(stream_ended_seconds=1, stream_ttl_seconds=1))
    account = uuid4()
    threads, _ = await book.enter(account, 100_000)
    for _ in range(2):  # first its events, then its position
        await client.zadd(KEYS[2], {str(threads[0]): 1})
        await book.accounts.enter([])
    assert await client.zscore(KEYS[0], str(account)) is None
    assert await client.hget(KEYS[1], str(threads[0])) is None
    assert await client.zscore(f"{KEYS[0][:-6]}of:{account}", str(threads[0])) is None
    await client.aclose()


async def test_parallel_long_answers_of_one_account_leave_the_others_alone(
    small_store: Redis,
) -> None:
    """Twelve answers of 3 MB each, in a store of 24 MB, and honest runs at the same time."""
    attacker = uuid4()
    owners: dict[UUID, UUID] = {}
    streams = EventStreams(small_store, LIMITS, encode=event_frame, owners=MemoryOwners(owners))
    streams.start()
    refused = FULL_APPENDS._value.get()
    ready = valkey_validator(small_store, service="test")
    probes, used, over = 0, 0, asyncio.Event()

    async def answer(account: UUID, count: int, event: bytes) -> UUID:
        thread_id, run_id = uuid4(), uuid4()
        owners[thread_id] = account
        for number in range(count):
            await streams.publisher.publish(
                thread_id=thread_id, run_id=run_id, event=event, terminal=number + 1 == count
            )
        return thread_id

    async def watch() -> None:
        nonlocal probes, used
        while not over.is_set():
            await ready()
            await small_store.set(f"ticket-{probes}", "x" * 200, ex=60)  # raises in a full store
            used = max(used, (await small_store.info("memory"))["used_memory"])
            assert STORE_UNAVAILABLE._value.get() == 0
            probes += 1

    watching = asyncio.create_task(watch())
    try:
        attack = [asyncio.create_task(answer(attacker, 370, BIG)) for _ in range(12)]
        honest = [await answer(uuid4(), 400, SMALL) for _ in range(4)]
        await asyncio.gather(*attack)
    finally:
        over.set()
        await watching
    assert probes > 10
    assert FULL_APPENDS._value.get() == refused
    assert used < MEMORY * 0.9
    for thread_id in honest:
        state = await streams.hub.store.open(thread_id, None)
        entries = await streams.hub.store.read(thread_id, StreamPosition(state.epoch, 0), 1000)
        assert [entry.offset for entry in entries] == list(range(1, 401))
    assert await small_store.exists(keys.meta_key(honest[0])) == 1
    await streams.stop()
