"""Bounded queues, several readers of one thread, readers that are dropped."""

import asyncio
import gc
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from netra_client import ClientOptions, FixedToken, NetraClient, ThreadEvent, ThreadStream
from netra_client.errors import CommandRejected
from netra_client.resume import Position
from netra_client.tests.unit.wire_server import Fault, WireServer

TOKEN = FixedToken("t0")


async def publish(wire: WireServer, thread_id: UUID, count: int) -> None:
    run_id = uuid4()
    for number in range(count):
        await wire.publish(thread_id, run_id, {"type": "CUSTOM", "name": "n", "value": number})


async def take(stream: ThreadStream, count: int) -> list[int]:
    items = [await anext(stream) for _ in range(count)]
    return [item.event["value"] for item in items if isinstance(item, ThreadEvent)]


async def test_a_slow_reader_loses_nothing_and_holds_a_bounded_number(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    async with (
        NetraClient(wire.url, TOKEN, replace(options, queue_events=8)) as client,
        await client.subscribe(thread_id) as stream,
    ):
        await publish(wire, thread_id, 100)
        await client.ping()  # every event sent before the answer has arrived by now
        assert not stream.has_room
        assert await take(stream, 100) == list(range(100))
        await publish(wire, thread_id, 1)
        assert await take(stream, 1) == [0]


async def test_two_readers_of_a_thread_cost_one_subscription(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    async with NetraClient(wire.url, TOKEN, replace(options, queue_events=8)) as client:
        fast, slow = await client.subscribe(thread_id), await client.subscribe(thread_id)
        assert wire.methods().count("thread.subscribe") == 1
        await publish(wire, thread_id, 20)
        await client.ping()
        assert await take(fast, 8) == list(range(8))
        assert tuple(await asyncio.gather(take(slow, 20), take(fast, 12))) == (
            list(range(20)),
            list(range(8, 20)),
        )


async def test_a_dropped_reader_does_not_hold_up_the_others(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    async with NetraClient(wire.url, TOKEN, replace(options, queue_events=8)) as client:
        kept, dropped = await client.subscribe(thread_id), await client.subscribe(thread_id)
        del dropped
        gc.collect()
        await publish(wire, thread_id, 20)
        assert await take(kept, 20) == list(range(20))


async def test_the_last_reader_to_leave_unsubscribes(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    async with NetraClient(wire.url, TOKEN, options) as client:
        first, second = await client.subscribe(thread_id), await client.subscribe(thread_id)
        await first.aclose()
        await second.aclose()
        await wire.until(lambda: "thread.unsubscribe" in wire.methods())
        with pytest.raises(StopAsyncIteration):
            await anext(first)
        async with await client.subscribe(thread_id) as again:
            await publish(wire, thread_id, 1)
            assert await take(again, 1) == [0]


async def test_a_stored_position_continues_after_a_restart(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    await publish(wire, thread_id, 10)
    async with (
        NetraClient(wire.url, TOKEN, options) as client,
        await client.subscribe(thread_id, Position("e1", 4)) as stream,
    ):
        assert await take(stream, 6) == [4, 5, 6, 7, 8, 9]
        assert stream.position == Position("e1", 10)


async def test_a_thread_of_someone_else_is_refused(
    wire: WireServer, options: ClientOptions
) -> None:
    gone = {
        "code": -32002,
        "message": "No such thread",
        "data": {"code": "thread_not_found", "retry": "never"},
    }
    wire.faults.append(Fault(reject={"thread.subscribe": gone}))
    async with NetraClient(wire.url, TOKEN, options) as client:
        with pytest.raises(CommandRejected) as caught:
            await client.subscribe(uuid4())
        assert caught.value.code == "thread_not_found"
        assert await client.run(uuid4(), "hello").answer() == "hello "
