"""Netra's durability alone: the run's row, its journal, its lease and its release.

Left out on both sides: events, their encoding, tasks and drain. ``argv``: URL, number of runs.
"""

import asyncio
import sys
from uuid import UUID, uuid4

import pydantic_ai.ui.ag_ui  # noqa: F401  both import it; the meter begins after it
from pydantic_ai import Agent, Tool
from pydantic_ai.toolsets import FunctionToolset
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.durable_runs.meter import Meter
from benchmarks.durable_runs.script import handle, look_up, model


async def main(url: str, runs: int) -> None:
    """Measure and print."""
    meter = Meter()
    # What only this contestant needs is imported under the meter, as DBOS is in the other.
    from netra_backend.app.agents.journaled import JournaledModel, JournaledTools  # noqa: PLC0415
    from netra_backend.app.agents.tools import AgentDeps  # noqa: PLC0415
    from netra_backend.app.agents.warm_up import _EmptyOperations  # noqa: PLC0415
    from netra_backend.app.runs.control import RunControl  # noqa: PLC0415
    from netra_backend.app.runs.journal import RunJournal  # noqa: PLC0415
    from netra_backend.app.runs.journal_store import JournalStore  # noqa: PLC0415
    from netra_backend.app.runs.run_spec import RunOutcome  # noqa: PLC0415
    from netra_backend.app.runs.start import NewMessage, StartRequest, StartResult  # noqa: PLC0415
    from netra_backend.app.runs.store import RunStore  # noqa: PLC0415
    from netra_backend.app.threads.messages import MessageWriter  # noqa: PLC0415
    from netra_backend.app.threads.service import ThreadService  # noqa: PLC0415
    from netra_shared.stores.database import async_url  # noqa: PLC0415

    engine = create_async_engine(async_url(url), pool_size=5)
    store = RunStore(engine, MessageWriter(), instance_id="bench", lease_seconds=10.0)
    journals = JournalStore(engine, owner=store.owner)
    tools = JournaledTools(FunctionToolset([Tool(look_up, takes_ctx=False)]))
    agent = Agent(JournaledModel(model()), name="netra", deps_type=AgentDeps, toolsets=[tools])
    owner = uuid4()
    thread, _ = await ThreadService(engine).create(user_id=owner, thread_id=uuid4(), title="t")

    async def sweep() -> None:
        while True:
            await store.claim(excluded=[], capacity=1, foreign_seconds=60.0)
            await asyncio.sleep(1.0)

    async def run() -> None:
        request = StartRequest(
            run_id=uuid4(),
            thread_id=thread.id,
            owner_id=owner,
            roles=("user",),
            command_id=uuid4(),
            digest="d",
            model="script",
            trace_id=None,
            message=NewMessage(uuid4(), "x"),
        )
        started = await store.start(request)
        assert isinstance(started, StartResult)
        journal = RunJournal(
            run_id=request.run_id,
            attempt=1,
            writer=journals,
            control=RunControl(),
            write_seconds=8.0,
            recorded={},
        )
        deps = AgentDeps(UUID(int=0), (), _EmptyOperations(), "", "", journal=journal)
        result = await agent.run("x", deps=deps, event_stream_handler=handle)
        answer = {"id": str(uuid4()), "role": "assistant", "content": result.output}
        outcome = RunOutcome("completed", None, [answer], None, {"type": "RUN_FINISHED"})
        await store.finish(request.run_id, thread.id, outcome)
        await store.release(request.run_id)

    sweeping = asyncio.create_task(sweep())
    await meter.measure(url, run, runs)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
