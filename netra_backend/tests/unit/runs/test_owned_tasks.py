"""What a run starts ends with it, whenever it is cancelled."""

import asyncio
from typing import Any

import pytest
from pydantic_ai import RunContext, Tool
from pydantic_ai.tools import ToolDefinition

from netra_backend.app.agents.owned_tasks import owned_tasks
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.metrics import RUN_TASKS_LOST
from netra_backend.tests.unit.runs.world import GatedModel, World, until, user

TURNS = 30  # of the loop; the framework has taken the request over within 20


async def test_a_run_that_is_cancelled_in_any_turn_of_the_loop_leaves_no_task(world: World) -> None:
    """Without an owner some of these leave the request to the model running forever."""
    alice = user()
    loop = asyncio.get_running_loop()
    turns = 0

    def count_down(left: int) -> None:
        if left:
            loop.call_soon(count_down, left - 1)
        for run_id in () if left else tasks.owned:
            tasks.cancel(run_id, CancelReason.USER)

    async def start_counting(
        _context: RunContext[AgentDeps], definition: ToolDefinition
    ) -> ToolDefinition:
        count_down(turns)
        return definition

    async def tool() -> str:
        """Do nothing. Its definition is asked for while the request is being prepared."""
        return ""

    instance = world.instance(
        GatedModel("never").model(), tools=[Tool(tool, prepare=start_counting)]
    )
    tasks = instance.runs._tasks
    counted = RUN_TASKS_LOST._value.get()
    for turns in range(TURNS):  # noqa: B007  `start_counting` reads it
        before = asyncio.all_tasks()
        await instance.say(alice, await world.thread(alice), "hello")
        await until(lambda: instance.runs.active_count == 0)
        assert asyncio.all_tasks() <= before
    assert RUN_TASKS_LOST._value.get() > counted, "the framework is fixed; so end this module"
    await instance.runs.stop()


async def test_what_the_block_leaves_running_is_ended_and_counted() -> None:
    counted = RUN_TASKS_LOST._value.get()

    async def start_another() -> "asyncio.Task[Any]":
        return asyncio.create_task(asyncio.Event().wait())

    mine = asyncio.create_task(asyncio.Event().wait())
    async with owned_tasks():
        done = asyncio.create_task(asyncio.sleep(0))
        await done
        lost = await asyncio.create_task(start_another())
    assert lost.cancelled()
    assert not done.cancelled()
    assert RUN_TASKS_LOST._value.get() == counted + 1
    assert not mine.done(), "of someone else"
    mine.cancel()


async def test_an_error_of_the_block_comes_out_and_what_it_left_is_ended() -> None:
    lost: list[asyncio.Task[Any]] = []

    async def fail() -> None:
        async with owned_tasks():
            lost.append(asyncio.create_task(asyncio.Event().wait()))
            raise RuntimeError("of the run")

    with pytest.raises(RuntimeError, match="of the run"):
        await fail()
    assert lost[0].cancelled()
