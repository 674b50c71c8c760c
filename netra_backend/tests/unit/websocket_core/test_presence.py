"""Presence on two instances: who comes, who goes, who was killed, and what a lost store forgets."""

import asyncio
from uuid import UUID, uuid4

from redis.asyncio import Redis

from netra_backend.app.websocket_core.instance_lease import lease_key
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.presence import presence_key
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import RpcClient, ready
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.faults.processes import frozen

LIMITS = SocketLimits(lease_seconds=0.6)


async def eventually(client: RpcClient, thread_id: UUID, connections: set[str]) -> None:
    """Ask until exactly ``connections`` are present."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.ask("thread.presence", threadId=str(thread_id))
            assert answer["complete"]
            if {present["connectionId"] for present in answer["connections"]} == connections:
                return
            await asyncio.sleep(0.02)


async def test_presence_across_instances(valkey_url: str) -> None:
    owners: dict[UUID, UUID] = {}
    async with (
        running(valkey_url, LIMITS, owners=owners) as one,
        running(valkey_url, LIMITS, owners=owners) as other,
        Redis.from_url(valkey_url) as valkey,
    ):
        user_id = uuid4()
        thread_id = one.rooms.thread_of(user_id)
        follows = {"subscriptions": [{"threadId": str(thread_id)}]}
        async with ready(one.url, tokens.issue(user_id), **follows) as here:
            mine = one.gateway.registry.open_records[0].connection_id
            async with ready(other.url, tokens.issue(user_id), **follows):
                theirs = other.gateway.registry.open_records[0].connection_id
                await eventually(here, thread_id, {mine, theirs})
                # The store loses everything; each instance writes its part again.
                await valkey.flushall()
                await eventually(here, thread_id, {mine, theirs})
            await eventually(here, thread_id, {mine})

            # An instance that was killed renews nothing, and its fields go with its lease.
            dead = f"{uuid4().hex[:12]}.00000000"
            row = f'{{"connectionId":"ghost","userId":"{user_id}","client":"test/1","since":1.0}}'
            await valkey.hset(presence_key(thread_id), f"{dead} ghost", row)
            await valkey.set(lease_key(dead), 1, ex=600)
            await eventually(here, thread_id, {mine, "ghost"})
            await valkey.pexpire(lease_key(dead), 1)
            await eventually(here, thread_id, {mine})
            assert await valkey.hexists(presence_key(thread_id), f"{dead} ghost") == 0

            await here.ask("thread.unsubscribe", threadId=str(thread_id))
            await eventually(here, thread_id, set())
            refused = await here.call("thread.presence", threadId=str(uuid4()))
            assert refused["error"]["data"]["code"] == "thread_not_found"
        await until(lambda: one.gateway.registry.open_count == 0)


async def test_without_the_store_an_instance_returns_what_it_knows(
    valkey_server: EmbeddedValkey,
) -> None:
    async with running(valkey_server.url, LIMITS) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(instance.url, token, subscriptions=[{"threadId": str(thread_id)}]) as me:
            with frozen(valkey_server.pid):
                answer = await me.ask("thread.presence", threadId=str(thread_id))
            assert not answer["complete"]
            assert len(answer["connections"]) == 1
