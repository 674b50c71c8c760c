"""The feed of two instances over a real Valkey: seen together, alone while it is unavailable."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from netra_backend.app.operations.board import InstanceBoard
from netra_backend.app.operations.errors import TooManyWatchers
from netra_backend.app.operations.feed import OperationsFeed
from netra_backend.app.operations.instance import InstanceReadings, InstanceView
from netra_backend.app.operations.monitoring import MonitoringReports
from netra_backend.app.operations.settings import OperationsSettings
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from netra_ops.services.valkey import EmbeddedValkey

SETTINGS = OperationsSettings(period_seconds=0.05, lease_seconds=2, store_seconds=0.3)


class Readiness:
    """What an instance says of itself; tests change it."""

    def __init__(self) -> None:
        self.status = "pass"

    def read(self) -> Mapping[str, Any]:
        return {"status": self.status, "reasons": [], "checks": []}


class Watcher:
    """Keeps the last fleet that was pushed."""

    def __init__(self) -> None:
        self.fleet: Mapping[str, Any] = {}
        self.pushes = 0

    def push(self, fleet: Mapping[str, Any]) -> None:
        self.fleet = fleet
        self.pushes += 1

    def sees(self) -> list[str]:
        return [view["instanceId"] for view in self.fleet.get("instances", [])]

    def readiness_history(self) -> list[str]:
        views = self.fleet.get("instances") or [{"readiness": {"history": []}}]
        return [change["status"] for change in views[0]["readiness"]["history"]]


def feed_of(
    client: Redis,
    name: str,
    settings: OperationsSettings = SETTINGS,
    readiness: Readiness | None = None,
) -> OperationsFeed:
    readings = InstanceReadings(
        readiness=(readiness or Readiness()).read,
        connections=lambda: {"open": 3},
        runs=lambda: {"active": 1},
        streams=lambda: {"feeds": 2},
        errors=lambda: [{"errorId": "e1"}],
        late_imports=lambda: 0,
        latencies={"handshake": lambda: [(0.1, 4.0), (float("inf"), 4.0)]},
    )
    view = InstanceView(
        {"instanceId": name, "service": "s", "revision": None},
        readings,
        window_seconds=settings.window_seconds,
        history=settings.history,
    )
    board = InstanceBoard(client, lease_seconds=settings.lease_seconds, max_instances=10)
    reports = MonitoringReports(client, ttl_seconds=60)
    return OperationsFeed(name, view, board, reports, settings)


@asynccontextmanager
async def started(feed: OperationsFeed) -> AsyncIterator[OperationsFeed]:
    feed.start()
    try:
        yield feed
    finally:
        await feed.stop()


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    async with valkey_client(valkey_url) as client:
        yield client


async def test_every_instance_is_seen_from_any_and_leaves_when_it_stops(client: Redis) -> None:
    watcher, other = Watcher(), Watcher()
    async with started(feed_of(client, "a")) as here:
        async with started(feed_of(client, "b")):
            await here.watch(watcher.push)
            await until(lambda: watcher.sees() == ["a", "b"])
            there = watcher.fleet["instances"][1]
            assert there["connections"] == {"open": 3}
            assert there["latency"]["windowSeconds"] == 60.0
            assert there["latency"]["handshake"]["count"] == 0
            assert there["errors"] == [{"errorId": "e1"}]
            assert watcher.fleet["storeUnavailable"] is False
        await until(lambda: watcher.sees() == ["a"])
        here.unwatch(watcher.push)
        before = watcher.pushes
        await here.watch(other.push)
        await until(lambda: other.pushes >= 3)
        assert watcher.pushes == before


async def test_an_instance_that_falls_silent_is_shown_until_its_lease_ends(client: Redis) -> None:
    living = InstanceBoard(client, lease_seconds=600, max_instances=10)
    await living.write("dead", {"instanceId": "dead"})
    watcher = Watcher()
    async with started(feed_of(client, "a")) as here:
        await here.watch(watcher.push)
        await until(lambda: watcher.sees() == ["a", "dead"])
        dying = InstanceBoard(client, lease_seconds=1, max_instances=10)
        await dying.write("dead", {"instanceId": "dead"})
        await until(lambda: watcher.sees() == ["a"])


async def test_readiness_changes_are_remembered_each_once(client: Redis) -> None:
    readiness, watcher = Readiness(), Watcher()
    async with started(feed_of(client, "a", readiness=readiness)) as here:
        await here.watch(watcher.push)
        readiness.status = "warn"
        await until(lambda: watcher.readiness_history() == ["pass", "warn"])
        readiness.status = "pass"
        await until(lambda: watcher.readiness_history() == ["pass", "warn", "pass"])


async def test_only_so_many_may_watch(client: Redis) -> None:
    settings = SETTINGS.model_copy(update={"max_watchers": 1})
    async with started(feed_of(client, "a", settings)) as feed:
        first = Watcher()
        await feed.watch(first.push)
        assert (await feed.watch(first.push))["seenBy"] == "a"  # again is no second
        with pytest.raises(TooManyWatchers):
            await feed.watch(Watcher().push)


async def test_without_valkey_an_instance_shows_itself_and_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    await server.start()
    watcher = Watcher()
    async with (
        valkey_client(server.url) as client,
        started(feed_of(client, "a")) as here,
        started(feed_of(client, "b")),
    ):
        await here.watch(watcher.push)
        await until(lambda: watcher.sees() == ["a", "b"])
        await server.stop()
        await until(lambda: watcher.fleet["storeUnavailable"] is True)
        assert watcher.sees() == ["a"]
        pushes = watcher.pushes
        await until(lambda: watcher.pushes >= pushes + 2)
        await server.start()
        await until(lambda: watcher.sees() == ["a", "b"])
        assert watcher.fleet["storeUnavailable"] is False
    await server.stop()
