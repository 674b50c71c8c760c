"""A held socket: reconnects, close codes and events are counted apart."""

import asyncio
from uuid import uuid4

from netra_client import ClientOptions, FixedToken, ReconnectPolicy
from netra_client.tests.unit.wire_server import Fault, WireServer, echo_events, running_server
from netra_ops.monitor.holder import HeldSocket
from netra_ops.monitor.tally import Tally
from test_framework.waiting import eventually

QUICK = ClientOptions(reconnect=ReconnectPolicy(prompt=0.01, first=0.01, cap=0.05))


async def publish(wire: WireServer, words: str, thread: object) -> None:
    run = uuid4()
    for event in echo_events(words):
        await wire.publish(thread, run, event)  # type: ignore[arg-type]  # a UUID


async def test_a_closed_socket_is_replaced_and_no_event_is_lost() -> None:
    tally, thread = Tally(0.0), uuid4()
    async with running_server() as wire:
        wire.faults.append(Fault(close_after=(2, 1012)))
        held = HeldSocket(wire.url, FixedToken("a.b.c"), QUICK, tally, thread)
        task = asyncio.create_task(held.hold())
        await eventually(lambda: "thread.subscribe" in wire.methods())
        await publish(wire, "one two three", thread)
        await eventually(lambda: tally.held.events == 7)
        assert tally.held.open == 1
        task.cancel()
        await asyncio.wait({task})
    assert tally.held.resumes == 1
    assert tally.closes[1012] == 1
    assert tally.held.expected == 7
    assert tally.held.delivery == 100.0
    assert tally.held.open == 0
