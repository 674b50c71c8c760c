"""The watcher on a real Valkey, with sockets that record when they were asked to leave."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from netra_backend.app.releases.epoch import Mode
from netra_backend.app.releases.ports import Departing
from netra_backend.app.releases.settings import ReleaseSettings
from netra_backend.app.releases.store import KEY, EpochStore
from netra_backend.app.releases.watcher import ReleaseWatcher
from test_framework.waiting import eventually

SETTINGS = ReleaseSettings(poll_seconds=0.02, store_seconds=1, finish_seconds=60)


@dataclass
class OpenSocket:
    """A socket of this test."""

    opened_at: float = 0.0
    busy: bool = False
    left: list[float] = field(default_factory=list)

    def leave(self) -> None:
        """Note the moment."""
        self.left.append(time.monotonic())


@dataclass
class Instance:
    """The sockets of one instance."""

    sockets: list[OpenSocket]

    def departing(self) -> Collection[Departing]:
        """Return those that have not left."""
        return [socket for socket in self.sockets if not socket.left]


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
def store(client: Redis) -> EpochStore:
    return EpochStore(client, ttl_seconds=60)


async def watch(store: EpochStore, instance: Instance, release: str = "r1") -> ReleaseWatcher:
    watcher = ReleaseWatcher(release, store, instance, SETTINGS)
    watcher.start()
    return watcher


async def test_sockets_of_another_release_leave_at_the_pace(store: EpochStore) -> None:
    instance = Instance([OpenSocket() for _ in range(10)])
    watcher = await watch(store, instance)

    await store.declare("r2", Mode.PACE, per_second=50)
    await eventually(lambda: not instance.departing())
    await watcher.stop()

    moments = [socket.left[0] for socket in instance.sockets]
    assert max(moments) - min(moments) >= 9 / 50 - 0.01  # a busy machine is later, never earlier
    assert all(len(socket.left) == 1 for socket in instance.sockets)


async def test_sockets_opened_after_the_epoch_and_of_its_release_stay(store: EpochStore) -> None:
    late, early = OpenSocket(opened_at=time.time() + 3600), OpenSocket()
    elsewhere = Instance([OpenSocket()])
    here = Instance([late, early])
    watchers = [await watch(store, here), await watch(store, elsewhere, "r2")]

    await store.declare("r2", Mode.NOW, per_second=1)
    await eventually(lambda: bool(early.left))
    for watcher in watchers:
        await watcher.stop()

    assert not late.left
    assert not elsewhere.sockets[0].left


async def test_finish_waits_for_the_run_of_a_socket(store: EpochStore) -> None:
    busy, idle = OpenSocket(busy=True), OpenSocket()
    watcher = await watch(store, Instance([busy, idle]))

    await store.declare("r2", Mode.FINISH, per_second=1000)
    await eventually(lambda: bool(idle.left))
    assert not busy.left
    busy.busy = False
    await eventually(lambda: bool(busy.left))
    await watcher.stop()


async def test_a_newer_epoch_replaces_the_one_that_is_carried_out(store: EpochStore) -> None:
    instance = Instance([OpenSocket() for _ in range(3)])
    watcher = await watch(store, instance)

    await store.declare("r2", Mode.PACE, per_second=0.01)  # the second leaves after 100 s
    await eventually(lambda: len(instance.departing()) == 2)
    await store.declare("r1", Mode.PACE, per_second=1000)  # rolled back to this release
    await eventually(lambda: watcher._followed is not None and watcher._followed.release == "r1")
    await watcher.stop()

    assert len(instance.departing()) == 2


async def test_what_is_no_epoch_is_left_alone(client: Redis, store: EpochStore) -> None:
    instance = Instance([OpenSocket()])
    await client.set(KEY, b"something else")
    watcher = await watch(store, instance)

    await asyncio.wait_for(_several_polls(), 10)
    assert instance.departing()
    await store.declare("r2", Mode.NOW, per_second=1)
    await eventually(lambda: not instance.departing())
    await watcher.stop()


async def _several_polls() -> None:
    for _ in range(5):
        await asyncio.sleep(SETTINGS.poll_seconds)


async def test_the_epoch_expires(client: Redis, store: EpochStore) -> None:
    epoch = await store.declare("r2", Mode.PACE, per_second=40)

    assert await store.read() == epoch
    assert 0 < await client.ttl(KEY) <= 60
