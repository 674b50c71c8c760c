"""Runs from command to stored answer, on a real database and the real agent pipeline."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic_ai.messages import ModelMessage, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from netra_backend.app.runs.assembler import Message, MessageAssembler
from netra_backend.app.runs.errors import (
    AccountRunsReached,
    CommandMismatch,
    MessageRefused,
    RunCapacityReached,
    RunNotFound,
)
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.tests.unit.runs.verifier import EVENT, verified
from netra_backend.tests.unit.runs.world import QUICK, GatedModel, World, until, user
from netra_shared.errors import Draining, MessageTooLarge, NetraError, RunBusy
from netra_shared.telemetry import configure_telemetry, current_trace_id, span


def text_of(events: list[dict[str, object]]) -> str:
    return "".join(str(e["delta"]) for e in events if e["type"] == "TEXT_MESSAGE_CONTENT")


async def test_a_message_is_answered_streamed_stored_and_the_thread_is_free_again(
    world: World,
) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        started = await instance.say(alice, thread_id, "Is the platform ready?\nSecond line")
        first = (await world.stored(alice, thread_id))[0]
        assert first["id"] == str(started.message_id)
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert [events[0]["type"], events[-1]["type"]] == ["RUN_STARTED", "RUN_FINISHED"]
    assert events[-1]["outcome"] == {"type": "success"}
    assert "usage" not in events[-1]  # the guide has no model: there is nothing to count
    assert "**Readiness: pass**" in text_of(events)
    assert "No language model is configured" in text_of(events)
    run = await world.run_of(alice, thread_id)
    assert (run.id, run.status, run.usage) == (started.run_id, "completed", None)
    thread = await world.threads.get(user_id=alice.sub, thread_id=thread_id)
    assert thread.title == "Is the platform ready?"


async def test_stored_messages_are_those_that_a_watching_client_has_built(world: World) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        await instance.say(alice, thread_id, "Is it ready, and what does run_busy mean?")
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    client = _client_view(raw)
    stored = await world.stored(alice, thread_id)
    assert stored[1:] == client
    assert [message["role"] for message in client] == [
        "reasoning",
        "assistant",
        "tool",
        "tool",
        "assistant",
    ]
    called = [call["function"]["name"] for call in client[1]["toolCalls"]]
    assert called == ["explain_code", "read_readiness"]


def _client_view(raw: list[bytes]) -> list[Message]:
    assembler = MessageAssembler()
    for event in raw:
        assembler.apply(EVENT.validate_json(event))
    return assembler.messages()


async def test_the_same_command_gets_the_same_answer_and_runs_once(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    command = {"command_id": uuid4(), "message_id": uuid4()}
    async with world.serving() as instance:
        answers = await asyncio.gather(
            *(instance.say(alice, thread_id, "hello", **command) for _ in range(5))
        )
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
        again = await instance.say(alice, thread_id, "hello", **command)
        with pytest.raises(CommandMismatch):
            await instance.say(alice, thread_id, "something else", **command)
        other_thread = await world.thread(alice)
        with pytest.raises(CommandMismatch):
            await instance.say(alice, other_thread, "hello", **command)
    assert {answer.run_id for answer in answers} == {again.run_id}
    runs = await world.threads.list_runs(user_id=alice.sub, thread_id=thread_id, limit=10)
    assert len(runs.items) == 1
    assert world.watchers.terminals[thread_id] == 1


async def test_no_one_can_use_or_stop_what_belongs_to_another(world: World) -> None:
    alice, mallory = user(), user("operator")
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model()) as instance:
        with pytest.raises(ThreadNotFound):
            await instance.say(mallory, thread_id, "let me in")
        run = await instance.say(alice, thread_id, "hello")
        with pytest.raises(RunNotFound):
            await instance.runs.cancel(user=mallory, run_id=run.run_id)
        gated.allow(2)
        events = verified(await world.watchers.ended(thread_id))
    assert text_of(events) == "one two"


async def test_a_busy_thread_refuses_or_interrupts(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model()) as instance:
        first = await instance.say(alice, thread_id, "first")
        gated.allow(1)
        await world.said(thread_id, "one ")
        with pytest.raises(RunBusy) as busy:
            await instance.say(alice, thread_id, "second")
        assert busy.value.fields["run_id"] == str(first.run_id)
        await instance.say(alice, thread_id, "third", on_busy="interrupt")
        gated.allow(2)
        events = verified(await world.watchers.ended(thread_id, runs=2))
        await world.free(thread_id)
    endings = [event for event in events if event["type"] == "RUN_FINISHED"]
    assert [ending["outcome"]["type"] for ending in endings] == ["cancelled", "success"]
    stored = await world.stored(alice, thread_id)
    # The partial answer is kept, the refused message was not stored.
    assert [message["content"] for message in stored] == ["first", "one ", "third", "one two"]


async def test_a_run_is_stopped_from_another_instance(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model()) as here, world.serving() as there:
        run = await here.say(alice, thread_id, "hello")
        assert await there.runs.cancel(user=alice, run_id=run.run_id) == "cancelling"
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
        assert await there.runs.cancel(user=alice, run_id=run.run_id) == "cancelled"
    assert events[-1]["outcome"] == {"type": "cancelled"}


async def test_a_run_ends_at_its_deadline_and_says_so(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    gated.allow(1)
    # Time enough for the first word on a machine that pauses for a while.
    async with world.serving(gated.model(), RunPolicy(run_seconds=2.0)) as instance:
        await instance.say(alice, thread_id, "hello")
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["code"] == "run_deadline_exceeded"
    assert (await world.run_of(alice, thread_id)).status == "failed"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "one "


async def test_the_error_of_a_model_never_reaches_the_user(world: World) -> None:
    async def explode(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "so far "
        raise RuntimeError("key sk-123 refused by 10.0.0.7")

    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving(FunctionModel(stream_function=explode)) as instance:
        await instance.say(alice, thread_id, "hello")
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert b"sk-123" not in b"".join(raw)
    assert b"10.0.0.7" not in b"".join(raw)
    assert verified(raw)[-1]["code"] == "internal_error"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "so far "


async def test_an_instance_takes_no_more_runs_than_it_may(world: World) -> None:
    alice = user()
    one, two = await world.thread(alice), await world.thread(alice)
    command = {"command_id": uuid4(), "message_id": uuid4()}
    gated = GatedModel("one")
    async with world.serving(gated.model(), RunPolicy(max_concurrent=1)) as instance:
        run = await instance.say(alice, one, "hello", **command)
        with pytest.raises(RunCapacityReached):
            await instance.say(alice, two, "hello")
        assert await instance.say(alice, one, "hello", **command) == run
        gated.allow(1)
        await world.watchers.ended(one)


async def test_one_account_gets_its_share_of_an_instance(world: World) -> None:
    alice, bob = user(), user()
    gated = GatedModel("one")
    policy = RunPolicy(max_concurrent=4)
    async with world.serving(gated.model(), policy) as instance:
        threads = [await world.thread(alice) for _ in range(3)]
        command = {"command_id": uuid4(), "message_id": uuid4()}
        first = await instance.say(alice, threads[0], "hello", **command)
        await instance.say(alice, threads[1], "hello")
        with pytest.raises(AccountRunsReached, match="2 runs of this account"):
            await instance.say(alice, threads[2], "hello")
        assert await instance.say(alice, threads[0], "hello", **command) == first
        other = await world.thread(bob)
        await instance.say(bob, other, "hello")
        gated.allow(3)
        for thread_id in (*threads[:2], other):
            await world.watchers.ended(thread_id)
        await instance.say(alice, threads[2], "hello")  # the share is free again
        gated.allow(1)
        await world.watchers.ended(threads[2])


async def test_a_drain_lets_runs_finish_and_takes_no_new_ones(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model(), replace(QUICK, drain_seconds=10.0)) as instance:
        await instance.say(alice, thread_id, "hello")
        stopping = asyncio.create_task(instance.runs.stop())
        await until(lambda: instance.runs.problem == "draining")
        with pytest.raises(Draining):
            await instance.say(alice, thread_id, "one more")
        gated.allow(2)
        await stopping
    assert text_of(verified(world.watchers.events[thread_id])) == "one two"
    assert await world.threads.active_run(thread_id) is None


async def test_a_thread_continues_after_a_stop_in_the_middle_of_a_tool_call(world: World) -> None:
    gate = asyncio.Event()

    async def respond(
        messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | dict[int, DeltaToolCall]]:
        if len(messages) == 1:
            yield {0: DeltaToolCall("explain_code", '{"co', tool_call_id="c")}
            await gate.wait()
        yield "Here I am."

    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving(FunctionModel(stream_function=respond)) as instance:
        run = await instance.say(alice, thread_id, "explain")
        await world.said(thread_id, "TOOL_CALL_ARGS")
        await instance.runs.cancel(user=alice, run_id=run.run_id)
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
        await instance.say(alice, thread_id, "are you still there?")
        events = verified(await world.watchers.ended(thread_id, runs=2))
        await world.free(thread_id)
    assert events[-1]["outcome"] == {"type": "success"}
    assert (await world.stored(alice, thread_id))[-1]["content"] == "Here I am."


async def test_deleting_a_thread_ends_its_run(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one")
    async with world.serving(gated.model()) as instance:
        await instance.say(alice, thread_id, "hello")
        await world.threads.delete(user_id=alice.sub, thread_id=thread_id)
        await world.watchers.ended(thread_id)
        with pytest.raises(ThreadNotFound):
            await instance.say(alice, thread_id, "still there?")


@pytest.mark.parametrize(
    ("content", "error"),
    [("", MessageRefused), (" \x00\n", MessageRefused), ("x" * 32_769, MessageTooLarge)],
)
async def test_messages_that_cannot_be_answered_are_refused(
    world: World, content: str, error: type[NetraError]
) -> None:
    alice = user()
    with pytest.raises(error):
        await world.instance().say(alice, await world.thread(alice), content)


async def test_a_message_id_is_used_once_in_a_thread(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    message_id = uuid4()
    async with world.serving() as instance:
        await instance.say(alice, thread_id, "hello", message_id=message_id)
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
        with pytest.raises(MessageRefused):
            await instance.say(alice, thread_id, "again", message_id=message_id)


async def test_an_access_token_is_judged_and_never_kept(world: World) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJlbHNld2hlcmUifQ.c2lnbmF0dXJl"
    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        await instance.say(alice, thread_id, f"what is wrong with {token} ?")
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    everything = b"".join(raw) + repr(await world.stored(alice, thread_id)).encode()
    assert token.encode() not in everything
    assert b"c2lnbmF0dXJl" not in everything
    assert "another issuer" in text_of(verified(raw))


async def test_one_trace_leads_from_the_command_to_the_run(world: World) -> None:
    configure_telemetry("test")
    seen: list[str] = []

    async def respond(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        seen.append(current_trace_id())
        yield "done"

    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving(FunctionModel(stream_function=respond)) as instance:
        with span("command"):
            trace_id = current_trace_id()
            await instance.say(alice, thread_id, "hello")
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert seen == [trace_id]
    assert (await world.run_of(alice, thread_id)).trace_id == trace_id


async def test_ten_concurrent_users_see_only_their_own(world: World) -> None:
    async def echo(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        prompt = messages[-1].parts[-1]
        assert isinstance(prompt, UserPromptPart)
        said = str(prompt.content)
        for word in said.split():
            await asyncio.sleep(0)
            yield word + " "

    people = [user() for _ in range(10)]
    threads = [await world.thread(who) for who in people]
    async with world.serving(FunctionModel(stream_function=echo), QUICK) as instance:
        await asyncio.gather(
            *(
                instance.say(who, thread_id, f"secret of {who.sub} " * 20)
                for who, thread_id in zip(people, threads, strict=True)
            )
        )
        streams = await asyncio.gather(*(world.watchers.ended(item) for item in threads))
        await asyncio.gather(*(world.free(item) for item in threads))
    for who, thread_id, raw in zip(people, threads, streams, strict=True):
        verified(raw)
        stored = await world.stored(who, thread_id)
        assert len(stored) == 2
        everything = b"".join(raw).decode() + repr(stored)
        assert str(who.sub) in everything
        assert not any(str(other.sub) in everything for other in people if other is not who)
        with pytest.raises(ThreadNotFound):
            await world.threads.get(user_id=people[people.index(who) - 1].sub, thread_id=thread_id)
