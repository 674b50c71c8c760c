"""Streams, presence and sign-out on a real cluster of three primaries, while its slots move."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import ResponseError

from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.streams.keys import events_key
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.app.websocket_core.socket_gateway import REVOCATIONS
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import serving
from netra_backend.tests.unit.websocket_core.harness.rpc_client import ready
from netra_backend.tests.unit.websocket_core.harness.stream_reader import StreamReader
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.valkey import EmbeddedValkey
from netra_shared.stores.valkey import create_cluster
from netra_shared.stores.valkey_cluster import ValkeyCluster
from test_framework.waiting import eventually

SLOTS = 16384
NODES = 3
MOVED_SLOTS = SLOTS // 6  # half of the first node's
PASSWORD = "cluster-test"
LIMITS = SocketLimits(audit_seconds=0.5, heartbeat_seconds=0.2, store_probe_seconds=0.1)

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[list[EmbeddedValkey]]:
    """Three primaries that share all slots."""
    async with AsyncExitStack() as ends:
        servers = []
        for number in range(NODES):
            folder = tmp_path / str(number)
            server = EmbeddedValkey(
                folder,
                password=PASSWORD,
                settings={
                    "cluster-enabled": "yes",
                    "cluster-config-file": str(folder / "nodes.conf"),
                    "cluster-port": str(free_port()),
                    "cluster-node-timeout": "10000",
                    "masterauth": PASSWORD,
                },
            )
            await server.start()
            ends.push_async_callback(server.stop)
            servers.append(server)
        for number, server in enumerate(servers):
            first, end = SLOTS * number // NODES, SLOTS * (number + 1) // NODES
            await ask(server, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            bus = await ask(servers[0], "CONFIG", "GET", "cluster-port")
            if server is not servers[0]:
                port = dict(zip(bus[::2], bus[1::2], strict=True))[b"cluster-port"]
                await ask(server, "CLUSTER", "MEET", LOOPBACK, servers[0].port, int(port))
        await until_all_agree(servers)
        yield servers


async def ask(server: EmbeddedValkey, *command: str | int) -> Any:
    async with Redis(port=server.port, password=PASSWORD, protocol=2) as client:
        execute: Any = client.execute_command
        return await execute(*command)


async def until_all_agree(servers: list[EmbeddedValkey]) -> None:
    async with asyncio.timeout(60):
        for server in servers:
            while True:
                async with Redis(port=server.port, password=PASSWORD) as client:
                    raw: Any = client.execute_command
                    info = (await raw("CLUSTER INFO")).items()
                    state = {str(k): str(v) for k, v in info}
                if state["cluster_state"] == "ok" and state["cluster_known_nodes"] == str(NODES):
                    break
                await asyncio.sleep(0.05)


async def has_moved(target: EmbeddedValkey, thread: UUID) -> bool:
    """Return whether ``target`` has the thread's stream; until then it names the node that has."""
    try:
        found: int = await ask(target, "EXISTS", events_key(thread))
    except ResponseError:
        return False
    return found == 1


def cluster_client(server: EmbeddedValkey) -> ValkeyCluster:
    return create_cluster(
        f"redis://:{PASSWORD}@{LOOPBACK}:{server.port}/0",
        socket_connect_timeout=1.0,
        socket_timeout=2.0,
        retry=Retry(NoBackoff(), 0),
    )


def slot_of(thread: UUID) -> int:
    return key_slot(str(thread).encode())


def threads_everywhere() -> list[UUID]:
    """Return threads of which every node has some, and some in slots that will move."""
    threads: list[UUID] = []
    while (
        len(threads) < 12
        or len({slot_of(thread) * NODES // SLOTS for thread in threads}) < NODES
        or not any(slot_of(thread) <= MOVED_SLOTS for thread in threads)
    ):
        threads.append(uuid4())
    return threads


class Publishing:
    """Runs on one instance, one for each thread, each with a known transcript."""

    def __init__(self, threads: list[UUID]) -> None:
        self.runs = {thread: uuid4() for thread in threads}
        self.published: dict[UUID, list[str]] = {thread: [] for thread in threads}

    async def round(self, streams: EventStreams, *, ends: bool = False) -> None:
        """Publish one event in each thread."""
        for thread, run_id in self.runs.items():
            names = self.published[thread]
            names.append(f"e{len(names)}")
            event = {"name": names[-1], "starts": len(names) == 1, "ends": ends}
            await streams.publisher.publish(
                thread_id=thread, run_id=run_id, event=json.dumps(event).encode(), terminal=ends
            )


async def test_streams_follow_their_slots(nodes: list[EmbeddedValkey]) -> None:
    threads = threads_everywhere()
    publishing = Publishing(threads)
    clients = [cluster_client(nodes[0]), cluster_client(nodes[1])]
    here, there = (
        EventStreams(cast("Redis", client), LIMITS, encode=event_frame) for client in clients
    )
    for streams in (here, there):
        streams.start()
    readers = [StreamReader(thread, lambda _ended: []) for thread in threads]

    def complete() -> bool:
        return all(r.seen == publishing.published[r.thread_id] for r in readers)

    try:
        await until(lambda: here.hub.listener.connected and there.hub.listener.connected)
        for reader in readers:
            await reader.connect(there)
        for _ in range(3):
            await publishing.round(here)
        await until(complete)

        # The first node moves half of its slots while events are published.
        target = (await ask(nodes[1], "CLUSTER", "MYID")).decode()
        await ask(nodes[0], "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, MOVED_SLOTS, "NODE", target)
        for _ in range(20):
            await publishing.round(here)
            await asyncio.sleep(0.1)
        await publishing.round(here, ends=True)
        await until(complete)
        for thread in (t for t in threads if slot_of(t) <= MOVED_SLOTS):
            await eventually(partial(has_moved, nodes[1], thread), within=30)
        assert all(reader.reloads <= 1 for reader in readers)  # the one at the beginning

        # A drop is resumed exactly, wherever the thread lives by now.
        before = [reader.reloads for reader in readers]
        for reader in readers:
            await reader.resubscribe()
        assert [reader.reloads for reader in readers] == before
        assert complete()
    finally:
        for reader in readers:
            await reader.disconnect()
        for streams, client in zip((here, there), clients, strict=True):
            await streams.stop()
            await client.aclose()


async def test_sockets_presence_and_sign_out(nodes: list[EmbeddedValkey]) -> None:
    client = cluster_client(nodes[0])
    async with serving(cast("Redis", client), LIMITS) as instance:
        user_id, session_id = uuid4(), uuid4()
        thread_id = instance.rooms.thread_of(user_id)
        token = tokens.issue(user_id, session_id)
        follows = {"subscriptions": [{"threadId": str(thread_id)}]}
        async with ready(instance.url, token, **follows) as socket:
            await socket.say(thread_id, "words:5")
            events = await socket.events_until("RUN_FINISHED")
            assert [event["offset"] for event in events] == list(range(1, len(events) + 1))
            present = await socket.ask("thread.presence", threadId=str(thread_id))
            assert (present["complete"], len(present["connections"])) == (True, 1)
            await ask(nodes[2], "PUBLISH", REVOCATIONS, str(session_id))
            assert (await socket.closed())[0] == 4410
