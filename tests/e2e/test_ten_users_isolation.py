"""Ten concurrent users: no one receives, reads, subscribes to or stops another's thread."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import pytest

from netra_client import NetraClient, ThreadEvent
from netra_client.errors import CommandRejected, HttpRefused
from netra_client.models import Thread
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import new_person
from test_framework.platform.stack import Stack

pytestmark = pytest.mark.mission_critical

USERS = 10
ROUNDS = 3


@dataclass(frozen=True)
class Talker:
    """A connected user with one thread."""

    number: int
    client: NetraClient
    thread: Thread

    @property
    def words(self) -> int:
        """How many words this user asks for: everybody's answer is another."""
        return 10 + self.number


@pytest.fixture
async def talkers(stack: Stack) -> AsyncIterator[list[Talker]]:
    async with AsyncExitStack() as everything:
        found = []
        for number in range(USERS):
            person = await everything.enter_async_context(new_person(stack.url))
            client = await everything.enter_async_context(person.client(stack.url))
            found.append(Talker(number, client, await client.threads.create(f"of {number}")))
        yield found


async def test_no_event_reaches_another_user(talkers: list[Talker]) -> None:
    runs: dict[UUID, int] = {}
    received: list[tuple[int, ThreadEvent]] = []

    async def talk(talker: Talker) -> None:
        async with await talker.client.subscribe(talker.thread.id) as stream:
            for _ in range(ROUNDS):
                run = talker.client.run(talker.thread.id, f"words={talker.words} pace=0.002")
                runs[await run.start()] = talker.number
                assert await run.answer() == answer_of(talker.words)
                async for item in stream:
                    assert isinstance(item, ThreadEvent)
                    received.append((talker.number, item))
                    if item.is_terminal:
                        break

    async with asyncio.TaskGroup() as group:
        for talker in talkers:
            group.create_task(talk(talker))

    assert len(runs) == USERS * ROUNDS
    threads = {talker.number: talker.thread.id for talker in talkers}
    strangers = [
        (number, item)
        for number, item in received
        if runs[item.run_id] != number or item.thread_id != threads[number]
    ]
    assert strangers == []
    assert {number for number, _ in received} == set(range(USERS))


async def test_no_one_can_subscribe_to_write_into_or_stop_what_is_anothers(
    talkers: list[Talker],
) -> None:
    owner = talkers[0]
    run = owner.client.run(owner.thread.id, "words=5000 pace=0.02")  # outlasts the strangers
    run_id = await run.start()
    for stranger in talkers[1:]:
        with pytest.raises(CommandRejected) as subscribing:
            await stranger.client.subscribe(owner.thread.id)
        with pytest.raises(CommandRejected) as writing:
            await stranger.client.run(owner.thread.id, "words=1").start()
        with pytest.raises(CommandRejected) as stopping:
            await stranger.client.cancel_run(run_id)
        codes = {subscribing.value.code, writing.value.code, stopping.value.code}
        assert codes == {"thread_not_found", "run_not_found"}
    assert (await owner.client.threads.get(owner.thread.id)).active_run_id == run_id
    await run.cancel()


async def test_another_users_thread_looks_like_one_that_does_not_exist(
    talkers: list[Talker],
) -> None:
    owner, stranger = talkers[0], talkers[1]
    threads = stranger.client.threads
    answers = []
    for thread_id in (owner.thread.id, UUID(int=owner.thread.id.int ^ 1)):
        refusals = []
        for attempt in (
            threads.get(thread_id),
            threads.rename(thread_id, "mine"),
            threads.delete(thread_id),
            anext(aiter(threads.messages(thread_id))),
            anext(aiter(threads.runs(thread_id))),
        ):
            with pytest.raises(HttpRefused) as caught:
                await attempt
            error = caught.value
            refusals.append((error.status, error.code, error.message.replace(str(thread_id), "")))
        answers.append(refusals)
    assert answers[0] == answers[1], "a guess must not show whether the thread exists"
    assert {status for status, _, _ in answers[0]} == {404}
    assert [thread.title async for thread in threads.list()] == ["of 1"]
    assert (await owner.client.threads.get(owner.thread.id)).title == "of 0"


async def test_an_id_that_is_taken_cannot_be_claimed(talkers: list[Talker]) -> None:
    owner, stranger = talkers[2], talkers[3]
    with pytest.raises(HttpRefused) as caught:
        await stranger.client.threads.create("mine", thread_id=owner.thread.id)
    assert caught.value.status == 404
    assert (await owner.client.threads.get(owner.thread.id)).title == "of 2"
