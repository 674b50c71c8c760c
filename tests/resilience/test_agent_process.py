"""The agent process dies, freezes, cannot start, outlives no one: the sockets stay open."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psutil
import pytest
import pytest_asyncio

from netra_client import ClientOptions, FixedToken, NetraClient, ReconnectPolicy
from netra_client.errors import CommandRejected
from netra_client.states import Closed, ConnectionState
from netra_ops.services.loopback import free_port
from test_framework.agui.client import AguiClient
from test_framework.databases import TestDatabases
from test_framework.faults.processes import frozen
from test_framework.fixtures.services import MakeToken, StartBackend
from test_framework.fixtures.stores import migrate_all
from test_framework.log_records import log_records
from test_framework.platform.model_server import answer_of
from test_framework.project import PROJECT_ROOT
from test_framework.waiting import eventually
from tests.resilience.agent_instance import AgentInstance, agent_instance, gone
from tests.resilience.transcript import Transcript

pytestmark = pytest.mark.mission_critical

QUICK = ReconnectPolicy(prompt=0.05, first=0.1, cap=1.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def instance(
    tmp_path_factory: pytest.TempPathFactory, databases: TestDatabases, shared_secret: str
) -> AsyncIterator[AgentInstance]:
    """One instance for the tests that leave it whole."""
    template = await databases.template("migrated_template", migrate_all)
    url = await databases.create(template)
    folder = tmp_path_factory.mktemp("agents")
    async with agent_instance(
        folder, url, shared_secret, AGENTS__SILENT_SECONDS="2", AGENTS__WAIT_SECONDS="3"
    ) as running:
        yield running
    await databases.drop(url)


@asynccontextmanager
async def connected(
    instance: AgentInstance, make_token: MakeToken
) -> AsyncIterator[tuple[NetraClient, list[ConnectionState]]]:
    """Connect; the list gets every end of a connection that had an error."""
    ends: list[ConnectionState] = []

    def note(state: ConnectionState) -> None:
        if isinstance(state, Closed) and state.error is not None:
            ends.append(state)

    options = ClientOptions(reconnect=QUICK, on_state=note)
    async with NetraClient(instance.url, FixedToken(make_token("operator")), options) as client:
        yield client, ends


def records(instance: AgentInstance, message: str) -> list[dict[str, object]]:
    return [one for one in log_records(instance.server) if one["message"] == message]


async def test_it_is_killed_in_the_middle_of_an_answer_and_no_socket_notices(
    instance: AgentInstance, make_token: MakeToken, agui_client: AguiClient
) -> None:
    first = await instance.serving()
    async with connected(instance, make_token) as (client, ends):
        thread_id: UUID = (await client.threads.create()).id
        transcript = await Transcript.of(client, thread_id)
        async with client.run(thread_id, "tool=4413 words=40 pace=0.05") as running:
            await eventually(
                lambda: transcript.types().count("TEXT_MESSAGE_CONTENT") > 5, within=20
            )
            os.kill(first.pid, signal.SIGKILL)
            await client.presence(thread_id)  # the sockets' process answers as before
            await eventually(lambda: transcript.types()[-1] == "RUN_FINISHED", within=40)
            assert running.run_id is not None
        stored = await instance.stored_events(thread_id)
        await transcript.until_it_has(stored, within=5)
        assert transcript.resets == 0
        *_, answer = agui_client.expect_accepted([event for _, event in stored])
        assert answer["content"] == answer_of(40)
        assert transcript.types().count("TOOL_CALL_START") == 1
        called = [one for one in records(instance, "tool called") if "run_id" in one]
        assert len(called) == 1  # the others are of rehearsals
        assert ends == []
        await transcript.close()
    second = await instance.serving()
    assert second.pid != first.pid
    freed = records(instance, "leases of the agent process expired")
    assert [record["count"] for record in freed] == [1]  # no one waited for the lease
    assert await instance.metric("netra_agents_ended_total", cause="SIGKILL") == 1
    assert await instance.metric("netra_runs_taken_over_total", outcome="resumed") == 1


async def test_it_freezes_and_the_instance_says_so_and_keeps_its_sockets(
    instance: AgentInstance, make_token: MakeToken
) -> None:
    process = await instance.serving()
    async with connected(instance, make_token) as (client, ends):
        thread_id = (await client.threads.create()).id
        with frozen(process.pid):

            async def unready() -> bool:
                return (await instance.ready())[0] == 503

            await eventually(unready, within=10, what="readiness reports the silence")
            _, document = await instance.ready()
            assert "agent_runtime" in document["output"]
            assert (await client.presence(thread_id)).complete
            assert await instance.metric("netra_agents_metrics_present") == 0

        async def ready() -> bool:
            return (await instance.ready())[0] == 200

        await eventually(ready, within=20, what="ready again")
        assert await client.run(thread_id, "words=3").answer() == answer_of(3)
        assert ends == []
    assert instance.agents() == process  # it was not replaced


async def test_signals_of_a_terminal_or_a_manager_are_the_gateways_to_obey(
    instance: AgentInstance, make_token: MakeToken
) -> None:
    process = await instance.serving()
    assert os.getsid(process.pid) != os.getsid(instance.server.pid)  # Ctrl-C does not reach it
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process.pid, number)
    async with connected(instance, make_token) as (client, _):
        thread_id = (await client.threads.create()).id
        assert await client.run(thread_id, "words=3").answer() == answer_of(3)
    assert instance.agents() == process


async def test_the_gateway_has_not_imported_what_only_agents_need(
    instance: AgentInstance,
) -> None:
    """Compiled code is mapped from its package's folder: what is not mapped was not imported."""
    process = await instance.serving()
    theirs = " ".join(one.path for one in process.memory_maps())
    ours = " ".join(one.path for one in psutil.Process(instance.server.pid).memory_maps())
    assert "pydantic_core" in ours
    assert "jiter" in theirs  # the OpenAI SDK's parser, which the model brought along
    assert "jiter" not in ours


async def test_an_ordinary_end_drains_the_runs_and_takes_the_process_along(
    instance: AgentInstance, make_token: MakeToken
) -> None:
    """The last of this instance."""
    process = await instance.serving()
    async with connected(instance, make_token) as (client, _):
        thread_id = (await client.threads.create()).id
        running = client.run(thread_id, "words=12 pace=0.1")
        await anext(running)
        instance.server.child.send(signal.SIGTERM)
        assert await instance.server.child.wait(10) == 0
    await gone(process, within=1)
    (stopped,) = records(instance, "agent process stopped")
    assert stopped["late_imports"] == 0
    assert [one["status"] for one in records(instance, "run ended")][-1] == "completed"
    assert records(instance, "late import") == []
    ends = [one["message"] for one in log_records(instance.server)]
    assert ends.index("agent process stopped") < ends.index("backend stopped")


async def test_one_that_cannot_start_is_tried_again_and_commands_are_refused_meanwhile(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    server = await start_backend(
        AGENTS__WAIT_SECONDS="0.5", AGENTS__RESTART_MAX_SECONDS="0.2", AGENTS__START_SECONDS="60"
    )
    instance = AgentInstance(server, "")
    stop = asyncio.Event()

    async def kill_each() -> None:
        """End every agent process before it serves: it imports for half a second at least."""
        while not stop.is_set():
            if (process := instance.agents()) is not None:
                with contextlib.suppress(psutil.NoSuchProcess):  # the gateway has ended it
                    process.kill()
            await asyncio.sleep(0.02)

    killing = asyncio.create_task(kill_each())
    try:

        async def unready() -> bool:
            return (await instance.ready())[0] == 503

        await eventually(unready, within=20)
        options = ClientOptions(reconnect=QUICK)
        async with NetraClient(instance.url, FixedToken(make_token()), options) as client:
            thread_id = (await client.threads.create()).id
            with pytest.raises(CommandRejected) as refused:
                await client.run(thread_id, "hello").answer()
            assert refused.value.code == "agent_process_starting"
            assert refused.value.retry.value == "backoff"

            async def several() -> bool:
                return await instance.metric("netra_agents_ended_total") >= 3

            await eventually(several, within=20)
            stop.set()
            await killing
            await instance.serving()
            assert "4413" in await client.run(thread_id, "What does 4413 mean?").answer()
        process = instance.agents()
        assert process is not None
        server.child.send(signal.SIGKILL)
        await gone(process, within=5)  # nothing is left of a gateway that was killed
    finally:
        stop.set()
        await killing


async def test_a_model_that_cannot_be_used_ends_the_instance_with_78(
    service_environment: dict[str, str],
) -> None:
    variables = {"PORT": str(free_port()), "NETRA_MODEL": "no one:x"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "netra_backend",
        env=os.environ | service_environment | variables,
        cwd=PROJECT_ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, words = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 78
    assert b"NETRA_MODEL 'no one:x' cannot be used" in words
