"""A tool that needs approval ends its run as an interrupt; another run takes the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from sqlalchemy import func, update

from netra_backend.app.agents.guide.model import Delta
from netra_backend.app.agents.history import to_model_messages
from netra_backend.app.db.tables import runs
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.errors import AnswerRefused, CommandMismatch, NothingToAnswer
from netra_backend.app.runs.run_spec import ResumeRun, StartedRun
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.threads.values import Run
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import QUICK, Instance, World, user
from netra_shared.auth.tokens import Claims

QUESTION = "Stop the runs that are older than 5 minutes"
YES = {"status": "resolved", "payload": {"approved": True}}
NO = {"status": "resolved", "payload": {"approved": False, "reason": "Let them be."}}


async def ask(world: World, instance: Instance, who: Claims, thread_id: UUID) -> str:
    """Let the guide ask for approval; return the interrupt's id."""
    await instance.say(who, thread_id, QUESTION)
    before = world.watchers.terminals[thread_id]
    events = verified(await world.watchers.ended(thread_id, runs=before or 1))
    await world.free(thread_id)
    outcome = events[-1]["outcome"]
    assert outcome["type"] == "interrupt"
    (interrupt,) = outcome["interrupts"]
    assert interrupt["message"] == 'Approve stop_long_runs({"minutes":5})?'
    return str(interrupt["id"])


async def asking_run(world: World, who: Claims, thread_id: UUID) -> Run:
    """Return the thread's oldest run, which asked for approval."""
    page = await world.threads.list_runs(user_id=who.sub, thread_id=thread_id, limit=9)
    return page.items[-1]


async def answer(
    instance: Instance,
    who: Claims,
    thread_id: UUID,
    *answers: dict[str, Any],
    command_id: UUID | None = None,
) -> StartedRun:
    command = ResumeRun(
        user=who, thread_id=thread_id, command_id=command_id or uuid4(), answers=list(answers)
    )
    return await instance.runs.resume(command)


async def test_the_approved_call_is_made_once_and_the_run_continues(world: World) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as here, world.serving() as there:
        interrupt = await ask(world, here, alice, thread_id)
        assert world.operations.stopped == []
        paused = await world.run_of(alice, thread_id)
        assert (paused.status, paused.interrupts[0]["id"]) == ("interrupted", interrupt)
        command = uuid4()
        given = {"interruptId": interrupt, **YES}
        run = await answer(there, alice, thread_id, given, command_id=command)
        assert await answer(here, alice, thread_id, given, command_id=command) == run
        other = {"interruptId": interrupt, **NO}
        with pytest.raises(CommandMismatch):
            await answer(here, alice, thread_id, other, command_id=command)
        events = verified(await world.watchers.ended(thread_id, runs=2))
        await world.free(thread_id)
        with pytest.raises(NothingToAnswer):
            await answer(here, alice, thread_id, given)
    assert world.operations.stopped == [300.0]
    started = [event for event in events if event["type"] == "RUN_STARTED"][-1]
    assert (started["runId"], started["parentRunId"]) == (str(run.run_id), str(paused.id))
    resumed = await world.run_of(alice, thread_id)
    assert (resumed.status, resumed.parent_run_id) == ("completed", paused.id)
    stored = await world.stored(alice, thread_id)
    assert [message["role"] for message in stored] == [
        "user",
        "reasoning",
        "assistant",
        "tool",
        "assistant",
    ]
    assert "I asked **3** runs older than 5 minutes" in stored[-1]["content"]
    asked = await asking_run(world, alice, thread_id)
    assert asked.interrupts is None
    (decision,) = asked.decisions or []
    call = stored[2]["toolCalls"][0]["id"]
    assert (decision.outcome, decision.tool_call_id, decision.reason) == ("approved", call, None)
    before, after = (asked.step_times or {})[call], (resumed.step_times or {})[call]
    assert (before[1], after[0]) == (None, None)
    assert before[0] is not None
    assert after[1] is not None
    assert before[0] <= after[1]


@pytest.mark.parametrize("said", [NO, {"status": "cancelled"}])
async def test_a_declined_call_is_not_made_and_the_model_is_informed(
    world: World, said: dict[str, Any]
) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        interrupt = await ask(world, instance, alice, thread_id)
        await answer(instance, alice, thread_id, {"interruptId": interrupt, **said})
        await world.watchers.ended(thread_id, runs=2)
        await world.free(thread_id)
    assert world.operations.stopped == []
    assert "it was not approved" in (await world.stored(alice, thread_id))[-1]["content"]
    (decision,) = (await asking_run(world, alice, thread_id)).decisions or []
    reason = said.get("payload", {}).get("reason")
    assert (decision.outcome, decision.reason) == ("declined", reason)


async def test_answers_that_do_not_fit_are_refused_and_nothing_is_lost(world: World) -> None:
    alice, mallory = user("operator"), user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        with pytest.raises(NothingToAnswer):
            await answer(instance, alice, thread_id, {"interruptId": "int-1", **YES})
        interrupt = await ask(world, instance, alice, thread_id)
        good = {"interruptId": interrupt, **YES}
        for refused in (
            [],
            [{"interruptId": "int-other", **YES}],
            [good, good],
            [good, {"interruptId": "int-other", **YES}],
            [{"interruptId": interrupt, "status": "resolved"}],
            [{"interruptId": interrupt, "status": "resolved", "payload": {"approved": 1}}],
            [{"interruptId": interrupt, "status": "resolved", "payload": {"approved": "yes"}}],
            [{"interruptId": interrupt, "status": "resolved", "payload": {"reason": "x"}}],
            [{"interruptId": interrupt, "status": "perhaps"}],
        ):
            with pytest.raises(AnswerRefused):
                await answer(instance, alice, thread_id, *refused)
        with pytest.raises(ThreadNotFound):
            await answer(instance, mallory, thread_id, good)
        edited = {"approved": True, "editedArgs": {"minutes": 60}}
        final = {"interruptId": interrupt, "status": "resolved", "payload": edited}
        await answer(instance, alice, thread_id, final)
        await world.watchers.ended(thread_id, runs=2)
        await world.free(thread_id)
    assert world.operations.stopped == [3600.0]


async def test_writing_again_declines_and_leaves_a_history_that_models_accept(
    world: World,
) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        interrupt = await ask(world, instance, alice, thread_id)
        await instance.say(alice, thread_id, "never mind, what is 4401?")
        await world.watchers.ended(thread_id, runs=2)
        await world.free(thread_id)
        with pytest.raises(NothingToAnswer):
            await answer(instance, alice, thread_id, {"interruptId": interrupt, **YES})
    stored = await world.stored(alice, thread_id)
    roles = [message["role"] for message in stored]
    assert roles[:5] == ["user", "reasoning", "assistant", "tool", "user"]
    assert stored[3]["toolCallId"] == stored[2]["toolCalls"][0]["id"]
    assert to_model_messages(stored)
    (decision,) = (await asking_run(world, alice, thread_id)).decisions or []
    assert decision.outcome == "dismissed"
    assert world.operations.stopped == []


async def test_those_who_may_not_get_a_refusal_instead_of_a_question(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        await instance.say(alice, thread_id, QUESTION)
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["outcome"] == {"type": "success"}
    assert (
        "Only people with the role `operator`"
        in (await world.stored(alice, thread_id))[-1]["content"]
    )


async def test_a_resumed_run_that_is_lost_is_finished_with_its_answers(world: World) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    gate = asyncio.Event()

    def model(*, stops: bool) -> FunctionModel:
        async def respond(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Delta]:
            last = messages[-1]
            assert isinstance(last, ModelRequest)
            if not any(isinstance(part, ToolReturnPart) for part in last.parts):
                yield {0: DeltaToolCall("stop_long_runs", '{"minutes":5}', tool_call_id="c1")}
                return
            yield "They "
            if stops:
                await gate.wait()
            yield "end."

        return FunctionModel(stream_function=respond, model_name="m")

    lost = world.instance(model(stops=True), replace(QUICK, lease_seconds=60.0))
    interrupt = await ask(world, lost, alice, thread_id)
    run = await answer(lost, alice, thread_id, {"interruptId": interrupt, **YES})
    await world.said(thread_id, "They ")
    lost.runs._tasks.cancel(run.run_id, CancelReason.LEASE_LOST)
    async with world.engine.begin() as connection:
        await connection.execute(
            update(runs).where(runs.c.id == run.run_id).values(lease_expires_at=func.now())
        )
    async with world.serving(model(stops=False)):
        await world.watchers.ended(thread_id, runs=2)
        await world.free(thread_id)
    assert world.operations.stopped == [300.0]
    assert (await world.stored(alice, thread_id))[-1]["content"] == "They end."
