"""More threads are read than a connection may subscribe to: readers take turns, without loss."""

import asyncio
from uuid import UUID, uuid4

from netra_client import ClientOptions, FixedToken, NetraClient, ThreadEvent, ThreadStream
from netra_client.slots import SWAP_SECONDS, TURN_SECONDS, Slots
from netra_client.tests.unit.wire_server import Fault, WireServer

TOKEN = FixedToken("t0")
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def test_idle_threads_and_then_the_least_recently_used_release() -> None:
    idle: set[UUID] = set()
    slots = Slots(2, idle.__contains__)
    slots.take(A, 0.0)
    slots.take(B, 0.0)
    assert slots.free == 0
    assert slots.victim(TURN_SECONDS / 2) is None, "a turn has a minimum"
    slots.use(A, 1.0)
    idle.add(A)
    assert slots.victim(1.0 + TURN_SECONDS) == A, "idle, although used later"
    idle.clear()
    assert slots.victim(2.0) == B
    assert slots.victim(2.0 + SWAP_SECONDS / 2) is None, "swaps are paced"
    slots.release(B)
    slots.take(C, 2.0)
    assert slots.victim(2.0 + SWAP_SECONDS) == A


def test_the_servers_refusal_lowers_the_limit_and_leaves_one() -> None:
    slots = Slots(100, lambda _: False)
    slots.take(A, 0.0)
    slots.take(B, 0.0)
    slots.refused()
    assert (slots.limit, slots.free) == (2, 0)
    slots.release_all()
    slots.refused()
    assert slots.limit == 1


async def test_runs_that_are_started_and_read_later_all_have_their_answer(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.max_subscriptions = 10
    async with NetraClient(wire.url, TOKEN, options) as client:
        runs = [client.run(uuid4(), f"answer {number}") for number in range(25)]
        for run in runs:
            await run.start()
        assert [await run.answer() for run in runs] == [f"answer {n} " for n in range(25)]


async def test_readers_that_wait_at_the_same_time_take_turns(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.max_subscriptions = 4
    wire.faults.append(Fault(drop_after=5))
    threads = [uuid4() for _ in range(10)]
    async with NetraClient(wire.url, TOKEN, options) as client:
        streams = await asyncio.gather(*(client.subscribe(thread) for thread in threads))
        readers = asyncio.gather(*(numbers(stream, 2) for stream in streams))
        for number in range(2):
            for thread in threads:
                event = {"type": "CUSTOM", "name": "n", "value": number}
                await wire.publish(thread, UUID(int=7), event)
        assert await readers == [[0, 1]] * len(threads)
    assert len(wire.handshakes) == 2, "the turns continue on the next connection"


async def numbers(stream: ThreadStream, count: int) -> list[int]:
    items = [await anext(stream) for _ in range(count)]
    return [item.event["value"] for item in items if isinstance(item, ThreadEvent)]
