"""Two peers on a socket pair: calls, deadlines, bounds, and the end."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import structlog

from netra_backend.app.worker.rpc.errors import ChannelClosed, ChannelTimeout, FrameTooLarge
from netra_backend.app.worker.rpc.peer import Handler, Peer, connect
from netra_shared.errors import Conflict, InternalError, NetraError
from netra_shared.telemetry import configure_telemetry, current_trace_id, span
from test_framework.waiting import eventually

SECONDS = 5.0
IN_FLIGHT = 4
LIMIT = 100_000


class Text(msgspec.Struct):
    text: str


@asynccontextmanager
async def pair(handlers: Mapping[str, Handler]) -> AsyncIterator[tuple[Peer, Peer]]:
    """Return a caller, and the peer that has ``handlers``."""
    one, other = socket.socketpair()
    caller = await connect(one, {}, in_flight=IN_FLIGHT, max_frame_bytes=LIMIT)
    server = await connect(other, handlers, in_flight=IN_FLIGHT, max_frame_bytes=LIMIT)
    try:
        yield caller, server
    finally:
        caller.close()
        server.close()
        await asyncio.gather(caller.closed, server.closed)
        await server.idle()


async def echo(body: Text) -> str:
    return body.text


async def test_answers_find_their_callers_in_any_order() -> None:
    async def later(body: Text) -> str:
        await asyncio.sleep(0.02 if body.text.endswith("slow") else 0)
        return body.text

    async with pair({"say": Handler(Text, later)}) as (caller, _):
        words = [f"{number} {'slow' if number % 3 else 'quick'}" for number in range(20)]
        said = await asyncio.gather(
            *(caller.call("say", Text(word), str, seconds=SECONDS) for word in words)
        )
    assert said == words


async def test_calls_beyond_the_limit_in_flight_wait_for_their_turn() -> None:
    now = most = 0

    async def count(_body: Text) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return most

    async with pair({"count": Handler(Text, count)}) as (caller, _):
        await asyncio.gather(
            *(caller.call("count", Text(""), int, seconds=SECONDS) for _ in range(5 * IN_FLIGHT))
        )
    assert most == IN_FLIGHT


async def test_a_deadline_frees_the_callers_turn_and_cancels_the_work() -> None:
    cancelled = asyncio.Event()

    async def hang(_body: Text) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with pair({"hang": Handler(Text, hang), "echo": Handler(Text, echo)}) as (caller, _):
        hanging = [caller.call("hang", Text(""), str, seconds=0.05) for _ in range(IN_FLIGHT)]
        late = await asyncio.gather(*hanging, return_exceptions=True)
        assert [type(one) for one in late] == [ChannelTimeout] * IN_FLIGHT
        await asyncio.wait_for(cancelled.wait(), SECONDS)
        assert await caller.call("echo", Text("on"), str, seconds=SECONDS) == "on"


async def test_errors_of_the_tree_come_out_as_themselves_and_defects_as_an_id() -> None:
    async def refuse(body: Text) -> None:
        raise Conflict(body.text, retry_after=2.0, runId="r")

    async def fail(_body: Text) -> None:
        raise ZeroDivisionError

    handlers = {"refuse": Handler(Text, refuse), "fail": Handler(Text, fail)}
    async with pair(handlers) as (caller, _):
        with pytest.raises(Conflict, match="no") as refused:
            await caller.call("refuse", Text("no"), str, seconds=SECONDS)
        assert (refused.value.retry_after, refused.value.fields) == (2.0, {"runId": "r"})
        for method in ("fail", "unheard of"):
            with pytest.raises(InternalError):
                await caller.call(method, Text(""), str, seconds=SECONDS)


async def test_trace_and_bound_log_fields_go_along() -> None:
    configure_telemetry("test")

    async def who(_body: Text) -> tuple[str, dict[str, object]]:
        return current_trace_id(), structlog.contextvars.get_contextvars()

    async with pair({"who": Handler(Text, who)}) as (caller, _):
        with span("call"), structlog.contextvars.bound_contextvars(run_id="r1"):
            trace, bound = await caller.call(
                "who", Text(""), tuple[str, dict[str, Any]], seconds=SECONDS
            )
            assert trace == current_trace_id()
        assert bound == {"run_id": "r1"}
        trace, bound = await caller.call(
            "who", Text(""), tuple[str, dict[str, Any]], seconds=SECONDS
        )
        assert (trace, bound) == ("", {})


async def test_when_the_other_side_goes_every_caller_hears_of_it() -> None:
    asked = 0

    async def hang(_body: Text) -> None:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()

    async with pair({"hang": Handler(Text, hang)}) as (caller, server):
        calls = [
            asyncio.create_task(caller.call("hang", Text(""), str, seconds=SECONDS))
            for _ in range(2 * IN_FLIGHT)  # half of them wait for their turn
        ]
        await eventually(lambda: asked == IN_FLIGHT)
        server.close()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(end) for end in ends] == [ChannelClosed] * len(calls)
        with pytest.raises(ChannelClosed):
            await caller.call("hang", Text(""), str, seconds=SECONDS)
        for task in asyncio.all_tasks():
            if task.get_name() == "channel-hang":
                task.cancel()


async def test_a_side_that_does_not_read_holds_up_its_callers_not_memory() -> None:
    one, other = socket.socketpair()
    caller = await connect(one, {}, in_flight=IN_FLIGHT, max_frame_bytes=10 * LIMIT)
    calls = [
        asyncio.create_task(caller.call("x", Text("x" * 5 * LIMIT), str, seconds=0.3))
        for _ in range(50)
    ]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(end) for end in ends} == {ChannelTimeout}
    gc.collect()
    waiting = caller._transport.get_write_buffer_size()
    assert waiting < (IN_FLIGHT + 1) * 6 * LIMIT
    caller.close()
    other.close()
    await caller.closed


async def test_what_does_not_fit_is_refused_to_whoever_sends_it() -> None:
    async def large(_body: Text) -> str:
        return "x" * (LIMIT + 1)

    async with pair({"large": Handler(Text, large), "echo": Handler(Text, echo)}) as (caller, _):
        with pytest.raises(FrameTooLarge):
            await caller.call("echo", Text("x" * LIMIT), str, seconds=SECONDS)
        with pytest.raises(InternalError, match="the limit is"):
            await caller.call("large", Text(""), str, seconds=SECONDS)
        assert await caller.call("echo", Text("on"), str, seconds=SECONDS) == "on"


@pytest.mark.parametrize("noise", [b"\xff\xff\xff\xff", b"\0\0\0\1\xc1", b"\0\0\0\2{}"])
async def test_who_does_not_speak_the_language_is_left(noise: bytes) -> None:
    one, other = socket.socketpair()
    peer = await connect(one, {}, in_flight=IN_FLIGHT, max_frame_bytes=LIMIT)
    other.sendall(noise)
    await eventually(peer.closed.done)
    other.close()


def test_every_error_is_one_of_the_tree() -> None:
    assert all(issubclass(kind, NetraError) for kind in (ChannelClosed, ChannelTimeout))
