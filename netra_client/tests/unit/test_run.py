from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netra_client import (
    ClientOptions,
    FixedToken,
    NetraClient,
    Outcome,
    ReconnectPolicy,
    StreamReset,
    ThreadEvent,
)
from netra_client.errors import CommandRejected, RunFailed
from netra_client.resume import Position
from netra_client.tests.unit.wire_http import message
from netra_client.tests.unit.wire_server import Fault, WireServer, running_server

WORDS = "the quick brown fox jumps over the lazy dog"
EVENTS_OF_WORDS = 9 + 4
TOKEN = FixedToken("t0")


async def test_a_run_yields_its_events_and_ends(wire: WireServer, options: ClientOptions) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(uuid4(), WORDS)
        types = [item.type async for item in run if isinstance(item, ThreadEvent)]
    assert types[0] == "RUN_STARTED"
    assert types[-1] == "RUN_FINISHED"
    assert len(types) == EVENTS_OF_WORDS
    assert run.outcome is Outcome.SUCCESS


async def test_the_reader_is_unsubscribed_after_its_run(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        await client.run(uuid4(), "hello").answer()
        await wire.until(lambda: "thread.unsubscribe" in wire.methods())


async def test_a_drop_in_the_middle_shows_every_word_once(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.faults.extend([Fault(drop_after=4), Fault(drop_after=1), Fault(drop_after=3)])
    async with NetraClient(wire.url, TOKEN, options) as client:
        assert await client.run(uuid4(), WORDS).answer() == f"{WORDS} "
    assert len(wire.handshakes) == 4


async def test_a_lost_answer_to_run_start_starts_no_second_run(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.faults.append(Fault(lose_answer_to="run.start"))
    async with NetraClient(wire.url, TOKEN, options) as client:
        assert await client.run(uuid4(), WORDS).answer() == f"{WORDS} "
    assert wire.methods().count("run.start") == 2
    assert len(wire.runs) == 1


async def test_a_rejection_that_may_pass_is_tried_again(
    wire: WireServer, options: ClientOptions
) -> None:
    busy = {"code": -32009, "message": "later", "data": {"code": "unavailable", "retry": "backoff"}}
    wire.faults.append(Fault(reject={"run.start": busy}))
    async with NetraClient(wire.url, TOKEN, options) as client:
        assert await client.run(uuid4(), "hello").answer() == "hello "


async def test_a_busy_thread_is_the_callers_choice(
    wire: WireServer, options: ClientOptions
) -> None:
    busy = {"code": -32003, "message": "busy", "data": {"code": "run_busy", "retry": "backoff"}}
    wire.faults.append(Fault(reject={"run.start": busy}))
    async with NetraClient(wire.url, TOKEN, options) as client:
        with pytest.raises(CommandRejected) as caught:
            await client.run(uuid4(), "hello").start()
    assert caught.value.code == "run_busy"
    assert wire.methods().count("run.start") == 1


async def test_a_failed_run_raises_from_answer(wire: WireServer, options: ClientOptions) -> None:
    wire.autoplay = lambda _: [
        {"type": "RUN_STARTED"},
        {"type": "RUN_ERROR", "message": "the model is unavailable", "code": "model_unavailable"},
    ]
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(uuid4(), "hello")
        with pytest.raises(RunFailed, match="the model is unavailable") as caught:
            await run.answer()
    assert caught.value.code == "model_unavailable"
    assert run.outcome is Outcome.FAILED


async def test_an_oversized_message_is_refused_without_losing_the_connection(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        with pytest.raises(CommandRejected) as caught:
            await client.run(uuid4(), "x" * 70_000).start()
        assert caught.value.code == "message_too_large"
        assert await client.run(uuid4(), "hello").answer() == "hello "
    assert len(wire.handshakes) == 1


def completed(thread_id: UUID, run_id: UUID) -> dict[str, str]:
    return {
        "id": str(run_id),
        "threadId": str(thread_id),
        "status": "completed",
        "createdAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:01Z",
    }


async def test_a_run_that_ended_out_of_reach_is_answered_from_history(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.autoplay = None
    thread_id = uuid4()
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(thread_id, "hello")
        run_id = await run.start()
        await wire.publish(thread_id, run_id, {"type": "RUN_STARTED"})
        wire.log(thread_id).epoch = "e2"
        wire.active.clear()
        wire.http.messages[thread_id] = [
            message("user", "hello"),
            message("assistant", "the whole answer", run_id),
        ]
        wire.http.runs[thread_id] = [completed(thread_id, run_id)]
        wire.peers[0].cut.set()
        items = [item async for item in run]
    assert isinstance(items[-1], StreamReset)
    assert items[-1].reason == "epoch_changed"
    assert [item.text for item in items[-1].messages] == ["hello", "the whole answer"]
    assert run.outcome is Outcome.SUCCESS


async def test_an_answer_from_history_reads_as_it_would_have_streamed(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.autoplay = None
    thread_id = uuid4()
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(thread_id, "hello")
        run_id = await run.start()
        wire.log(thread_id).epoch = "e2"
        wire.active.clear()
        wire.http.messages[thread_id] = [
            message("user", "hello"),
            message("assistant", "Let me look. ", run_id),
            message("tool", "42", run_id),
            message("assistant", "It is 42.", run_id),
        ]
        wire.http.runs[thread_id] = [completed(thread_id, run_id)]
        wire.peers[0].cut.set()
        assert await run.answer() == "Let me look. It is 42."


async def test_cancel_names_the_run(wire: WireServer, options: ClientOptions) -> None:
    wire.autoplay = None
    async with NetraClient(wire.url, TOKEN, options) as client, client.run(uuid4(), "x") as run:
        assert await run.cancel() == "cancelled"
    assert wire.commands[-1][1] == "run.cancel"
    assert wire.commands[-1][2] == {"runId": str(run.run_id)}


def test_a_restart_names_the_messages_that_are_void() -> None:
    restart = {"type": "CUSTOM", "name": "netra.restarted", "value": {"messages": {"a": "b"}}}
    place = uuid4(), uuid4(), Position("e", 1)
    assert ThreadEvent(*place, restart).void_messages == ("a",)
    assert ThreadEvent(*place, {**restart, "name": "other"}).void_messages == ()
    assert ThreadEvent(*place, {"type": "RUN_FINISHED"}).void_messages == ()


async def test_a_resumed_run_carries_the_answers(wire: WireServer, options: ClientOptions) -> None:
    thread_id, command_id = uuid4(), uuid4()
    answer = {"interruptId": "int-1", "status": "resolved", "payload": {"approved": True}}
    async with (
        NetraClient(wire.url, TOKEN, options) as client,
        client.resume(thread_id, [answer], command_id=command_id) as run,
    ):
        assert run.run_id is not None
    sent = [params for _, method, params in wire.commands if method == "run.resume"]
    assert sent == [{"threadId": str(thread_id), "commandId": str(command_id), "resume": [answer]}]


QUICK = ClientOptions(reconnect=ReconnectPolicy(prompt=0.01, first=0.01, cap=0.05))
frames = st.integers(1, EVENTS_OF_WORDS)
faults = st.builds(
    Fault,
    drop_after=st.none() | frames,
    lose=st.frozensets(frames, max_size=3),
    repeat=st.frozensets(frames, max_size=3),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=st.lists(faults, max_size=4))
async def test_no_fault_of_the_network_loses_or_repeats_a_word(plan: list[Fault]) -> None:
    async with running_server() as wire:
        wire.faults.extend(plan)
        async with NetraClient(wire.url, TOKEN, QUICK) as client:
            assert await client.run(uuid4(), WORDS).answer() == f"{WORDS} "
