"""Several real instances behind the real edge: runs, crashes, rollouts, sign-out, presence."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from netra_client import NetraClient, StreamReset
from netra_client.errors import NetraClientError, SocketClosed
from netra_client.states import Closed, Connected, ConnectionState
from netra_client.token_source import FixedToken
from test_framework.agui.client import AguiClient
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import Person
from test_framework.stolen_time import watching
from test_framework.waiting import eventually
from tests.resilience.socket_fleet import QUICK, SocketFleet, on
from tests.resilience.transcript import Transcript

pytestmark = pytest.mark.mission_critical

REPLACED = 2  # by a rollout; a start takes seconds, and the third would prove nothing new
CLIENTS = 12
WITHIN_SECONDS = 30.0


async def test_subscribe_on_one_run_on_another_cancel_from_a_third(
    fleet: SocketFleet, member: Person
) -> None:
    one, other, third = fleet.instances
    async with on(one, member) as a, on(other, member) as b, on(third, member) as c:
        thread_id = (await a.threads.create()).id
        transcript = await Transcript.of(a, thread_id)
        async with b.run(thread_id, "words=500 pace=0.02") as running:
            await eventually(lambda: len(transcript.events) > 5, within=20)
            here = (await c.presence(thread_id)).connections
            assert len(here) == 2  # a and b follow it, c does not
            async with watching(*fleet.pids) as stolen:
                started = time.monotonic()
                assert running.run_id is not None
                await c.cancel_run(running.run_id)
                await eventually(lambda: "RUN_FINISHED" in transcript.types(), within=15)
                # integrity: allow no-wall-clock: a run ends within a second of its cancellation
                assert stolen.fair_since(started) < 1.5  # promised: one second; a busy machine
        await transcript.until_it_has(await fleet.stored_events(thread_id), within=20)
        await transcript.close()


async def test_an_instance_is_killed_in_the_middle_of_its_answer(
    fleet: SocketFleet, member: Person, agui_client: AguiClient
) -> None:
    victim, survivor = fleet.instances[0], fleet.instances[1]
    async with on(survivor, member) as watcher:
        thread_id = (await watcher.threads.create()).id
        transcript = await Transcript.of(watcher, thread_id)
        states: list[ConnectionState] = []
        options = replace(QUICK, on_state=states.append)
        async with (
            on(victim, member, options) as client,
            client.run(thread_id, "words=60 pace=0.05"),
        ):
            assert len((await watcher.presence(thread_id)).connections) == 2
            await eventually(lambda: len(transcript.events) > 10, within=20)
            await fleet.kill(victim)
            killed_at = time.monotonic()

            async def only_the_watcher() -> bool:
                return len((await watcher.presence(thread_id)).connections) == 1

            async with watching(*fleet.pids) as stolen:
                await eventually(only_the_watcher, within=30)
                # integrity: allow no-wall-clock: presence is right within 10 s of a kill
                assert stolen.fair_since(killed_at) < 10
        # Whoever takes the run over finishes it, and every reader sees the same, once: the
        # model says the same again, so the answer continues where it was torn.
        await eventually(lambda: transcript.types()[-1] in {"RUN_FINISHED", "RUN_ERROR"}, within=40)
        stored = await fleet.stored_events(thread_id)
        await transcript.until_it_has(stored, within=20)
        assert transcript.resets == 0
        (answer,) = agui_client.expect_accepted([event for _, event in stored])
        assert answer["content"] == answer_of(60)
        assert [event["type"] for event in map(json.loads, (e for _, e in stored))].count(
            "RUN_STARTED"
        ) == 1
        await transcript.close()
        async with member.client(fleet.url, QUICK) as later:
            assert await later.run(thread_id, "words=3").answer() == answer_of(3)
    await fleet.add()


async def test_a_rollout_under_load_loses_and_doubles_nothing(
    fleet: SocketFleet, member: Person
) -> None:
    stop = asyncio.Event()
    closed: list[ConnectionState] = []
    instances_seen: set[str] = set()

    def note(state: ConnectionState) -> None:
        if isinstance(state, Closed) and state.error is not None:
            closed.append(state)
        if isinstance(state, Connected):
            instances_seen.add(state.instance_id)

    options = replace(QUICK, on_state=note)

    async def talk(client: NetraClient, transcripts: list[Transcript]) -> int:
        thread_id = (await client.threads.create()).id
        transcript = await Transcript.of(client, thread_id)
        transcripts.append(transcript)
        answers = 0
        while not stop.is_set():
            running = client.run(thread_id, "words=25 pace=0.04")
            offsets = []
            text = ""
            async for item in running:
                assert not isinstance(item, StreamReset), item
                offsets.append(item.position.offset)
                text += str(item.event.get("delta", ""))
            assert text == answer_of(25)
            assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
            answers += 1
        await transcript.until_it_has(await fleet.stored_events(thread_id), within=20)
        return answers

    async with AsyncExitStack() as ends:
        clients = [
            await ends.enter_async_context(member.client(fleet.url, options))
            for _ in range(CLIENTS)
        ]
        transcripts: list[Transcript] = []
        talks = [asyncio.create_task(talk(client, transcripts)) for client in clients]
        await eventually(lambda: len(transcripts) == CLIENTS, within=WITHIN_SECONDS)
        before = fleet.instances[:REPLACED]
        seconds = [await fleet.replace(old) for old in before]
        stop.set()
        answers = await asyncio.gather(*talks)
        for transcript in transcripts:
            assert transcript.resets == 0
            await transcript.close()
        present = {server.name for server in fleet.instances}
    assert max(seconds) < 8.0, seconds
    assert closed == []
    assert sum(answers) > CLIENTS
    assert instances_seen & present
    assert not present & {server.name for server in before}


async def test_signing_out_closes_every_socket_of_the_session_everywhere(
    fleet: SocketFleet, member: Person
) -> None:
    ends: list[Closed] = []
    other_session = await member.identity.login(member.email, member.password)
    options = replace(QUICK, on_state=lambda s: ends.append(s) if isinstance(s, Closed) else None)
    async with AsyncExitStack() as stack:
        for instance in fleet.instances:
            await stack.enter_async_context(on(instance, member, options))
        stays = await stack.enter_async_context(
            NetraClient(fleet.url, FixedToken(other_session.access_token), QUICK)
        )
        async with watching(*fleet.pids) as stolen:
            started = time.monotonic()
            await member.identity.logout(member.signed_in.refresh_token)
            await eventually(lambda: len(ends) == len(fleet.instances), within=15)
            # integrity: allow no-wall-clock: sign-out closes every socket within 2 s
            assert stolen.fair_since(started) < 2.0
        errors = [end.error for end in ends]
        assert all(isinstance(e, SocketClosed) and e.close_code == 4410 for e in errors)
        assert await stays.ping() > 0
    with pytest.raises(NetraClientError):
        async with on(fleet.instances[0], member):
            pass
