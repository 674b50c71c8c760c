"""``kill -9`` of a real instance on real stores; another one finishes what it started."""

import asyncio
import sys
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy import func, text, update

from netra_backend.app.db.tables import runs
from netra_backend.tests.unit.runs.doomed import TABLE, Deeds, streams_on
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import World, user
from test_framework.agui.client import AguiClient

START_SECONDS = 60.0
CALL, ANSWER = "model asked for a call", "model asked for an answer"


@dataclass(frozen=True)
class Kill:
    """Where the instance is killed, what has been done by anybody in the end, and the answer."""

    at: str
    deeds: tuple[str, ...]
    answer: str


KILLS = [
    # Torn in the first response: it is asked for again, what comes after happens once.
    Kill("response", ("letter sent", CALL, CALL, ANSWER), "It is sent."),
    # Torn in the tool: it is not known whether the letter went out, so it is not sent again.
    Kill("tool", ("letter sent", CALL, ANSWER), "It is perhaps sent."),
    # Torn in the answer: neither the first response nor the letter is repeated.
    Kill("answer", ("letter sent", CALL, ANSWER, ANSWER), "It is sent."),
]


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.at)
async def test_what_was_done_before_the_kill_is_not_done_again(
    migrated_postgres_url: str,
    valkey_url: str,
    world: World,
    agui_client: AguiClient,
    kill: Kill,
) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(text(TABLE))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "netra_backend.tests.unit.runs.doomed",
        migrated_postgres_url,
        valkey_url,
        kill.at,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        owner, thread, run = await _words(child)
    finally:
        child.kill()
        await child.wait()
    async with world.engine.begin() as connection:  # its lease would take its time to run out
        await connection.execute(update(runs).values(lease_expires_at=func.now()))
    who, thread_id, run_id = replace(user(), sub=UUID(owner)), UUID(thread), UUID(run)
    async with streams_on(valkey_url) as streams:
        survivor = Deeds(world)
        instance = survivor.instance(streams)
        await instance.runs.start_serving()
        await world.free(thread_id)
        raw = await streams.publisher.published(thread_id=thread_id, run_id=run_id)
        assert raw is not None
        await instance.runs.stop()
    assert sorted(kill.deeds) == await survivor.done()
    events = verified(raw)
    assert [event["type"] for event in events].count("RUN_STARTED") == 1
    assert events[-1]["outcome"] == {"type": "success"}
    assert not [event for event in events if event["type"] == "CUSTOM"]  # one stream that continued
    built = agui_client.expect_accepted(raw)
    stored = await world.stored(who, thread_id)
    assert built == stored[1:]
    assert [message["content"] for message in stored if message["role"] == "assistant"] == [
        "I write it now. ",
        kill.answer,
    ]
    assert (await world.run_of(who, thread_id)).status == "completed"


async def _words(child: asyncio.subprocess.Process) -> list[str]:
    """Return what the child says of its run, once it has come to where it stops."""
    assert child.stdout is not None
    words: list[str] = []
    stopped = False
    async with asyncio.timeout(START_SECONDS):
        while not (words and stopped):
            line = (await child.stdout.readline()).decode()
            assert line, "the child ended before it was killed"
            if line == "here\n":
                stopped = True
            elif len(line.split()) == 3 and "=" not in line:
                words = line.split()
    return words
