"""After the rehearsal a run imports nothing: neither the guide nor a model behind HTTP."""

import asyncio
import sys

import pytest

from netra_backend.tests.unit.agents.openai_server import openai_server, says

SCRIPT = """
import asyncio, sys
from uuid import UUID
from netra_backend.app.agents.definition import build_agent
from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.runs.event_codec import encode_event
from netra_backend.app.agents.model_choice import choose_model
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.agents.warm_up import _EmptyOperations, warm_up

async def main(base_url):
    choice = choose_model("m", base_url=base_url) if base_url else choose_model(None)
    agent = build_agent(choice, RunPolicy())
    await warm_up(agent)
    late = []
    sys.addaudithook(lambda event, args: late.append(args[0]) if event == "import" else None)
    deps = AgentDeps(UUID(int=0), ("operator",), _EmptyOperations(), "", "", ("eyJhbGciOi.e30.x",))
    stream = RunEventStream(thread_id="t", run_id=str(UUID(int=1)), include_usage=True)
    prompt = "is it ready, who is connected, and what is [access token removed]?"
    async with agent.run_stream_events(prompt, deps=deps) as native:
        kinds = [event.type.value async for event in stream.transform_stream(native)]
    print("\\n" + ",".join(late), kinds[-1], sep="|")

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("behind_http", [False, True])
async def test_a_run_imports_nothing(behind_http: bool) -> None:  # noqa: FBT001  a parameter of the test
    async with openai_server(says("Hello.")) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SCRIPT,
            server.base_url if behind_http else "",
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    assert out.decode().splitlines()[-1] == "|RUN_FINISHED"


LIFE = """
import asyncio, sys
from netra_backend.tests.unit.runs.test_approvals import YES, answer, ask
from netra_backend.tests.unit.runs.test_takeover import LOST, die
from netra_backend.tests.unit.runs.world import QUICK, GatedModel, user, world_on

async def main(url):
    who = user("operator")
    async with world_on(url) as world, world.serving() as instance:
        lost = world.instance(GatedModel("one ", "two").model(), LOST)
        late = []
        sys.addaudithook(lambda event, args: late.append(args[0]) if event == "import" else None)
        paused = await world.thread(who)
        interrupt = await ask(world, instance, who, paused)
        await answer(instance, who, paused, {"interruptId": interrupt, **YES})
        await world.watchers.ended(paused, runs=2)
        torn = await world.thread(who)
        run = await lost.say(who, torn, "what does run_busy mean?")
        await world.watchers.until(lambda: bool(world.watchers.events[torn]))
        await die(world, lost, run.run_id)
        await world.watchers.ended(torn)
        await world.free(torn)
        print("\\n|" + ",".join(late))

asyncio.run(main(sys.argv[1]))
"""


async def test_neither_an_approval_nor_a_takeover_imports_anything(
    migrated_postgres_url: str,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIFE, migrated_postgres_url, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode().splitlines()[-1] == "|"
