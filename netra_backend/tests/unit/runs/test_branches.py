"""Edit and regenerate make branches; the model receives only the active one."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from netra_backend.app.runs.run_spec import StartedRun
from netra_backend.app.threads.errors import LastBranch, ThreadNotFound
from netra_backend.tests.unit.runs.world import GatedModel, Instance, World, until, user
from netra_shared.auth.tokens import Claims
from netra_shared.errors import MessageNotFound, NetraError, RunBusy


def words(messages: list[ModelMessage]) -> list[str]:
    said = list[str]()
    for message in messages:
        if isinstance(message, ModelResponse):
            said.append(message.text or "")
        elif isinstance(message, ModelRequest):
            said += [str(p.content) for p in message.parts if isinstance(p, UserPromptPart)]
    return said


async def repeat(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
    yield "heard: " + " | ".join(words(messages))


MODEL = FunctionModel(stream_function=repeat, model_name="repeat")


class Chat:
    """One thread of one user."""

    def __init__(self, world: World, instance: Instance, who: Claims, thread_id: UUID) -> None:
        self.world, self.instance, self.who, self.thread_id = world, instance, who, thread_id
        self.runs = 0

    async def say(self, content: str, **others: object) -> StartedRun:
        run = await self.instance.say(self.who, self.thread_id, content, **others)
        self.runs += 1
        await self.world.watchers.ended(self.thread_id, runs=self.runs)
        await self.world.free(self.thread_id)
        return run

    async def shown(self) -> list[str]:
        return [message["content"] for message in await self.world.stored(self.who, self.thread_id)]

    async def siblings(self) -> list[tuple[int, int]]:
        page = await self.world.threads.list_messages(
            user_id=self.who.sub, thread_id=self.thread_id, limit=200
        )
        return [(m.siblings.index, m.siblings.count) for m in page.items if m.siblings]

    async def switch(self, message_id: UUID) -> None:
        await self.world.threads.branches.activate(
            user_id=self.who.sub, thread_id=self.thread_id, message_id=message_id
        )

    async def delete(self, message_id: UUID) -> None:
        await self.world.threads.branches.delete(
            user_id=self.who.sub, thread_id=self.thread_id, message_id=message_id
        )


async def test_an_edit_is_a_sibling_and_the_model_reads_only_its_branch(world: World) -> None:
    alice = user()
    async with world.serving(MODEL) as instance:
        chat = Chat(world, instance, alice, await world.thread(alice))
        first = await chat.say("one")
        second = await chat.say("two")
        answer = (await world.stored(alice, chat.thread_id))[1]["id"]
        edited = await chat.say("two, edited", parent_id=UUID(answer))
        assert await chat.shown() == [
            "one", "heard: one", "two, edited", "heard: one | heard: one | two, edited",
        ]  # fmt: skip
        assert await chat.siblings() == [(0, 1), (0, 1), (1, 2), (0, 1)]
        await chat.switch(second.message_id)
        assert (await chat.shown())[2] == "two"
        root = await chat.say("another start", parent_id=None)
        assert await chat.shown() == ["another start", "heard: another start"]
        await chat.switch(first.message_id)
        assert (await chat.shown())[2] == "two, edited"
        assert {run.message_id for run in (first, second, edited, root)} == {
            first.message_id, second.message_id, edited.message_id, root.message_id,
        }  # fmt: skip


async def test_a_regenerated_answer_is_a_sibling_of_the_first(world: World) -> None:
    alice = user()
    async with world.serving(MODEL) as instance:
        chat = Chat(world, instance, alice, await world.thread(alice))
        first = await chat.say("one")
        command = {"command_id": uuid4(), "message_id": first.message_id, "regenerate": True}
        again = await chat.say("", **command)
        assert again.message_id == first.message_id
        assert await instance.say(alice, chat.thread_id, "", **command) == again
        assert await chat.shown() == ["one", "heard: one"]
        assert await chat.siblings() == [(0, 1), (1, 2)]
        await chat.say("two")
        assert (await chat.shown())[-1] == "heard: one | heard: one | two"
        newest = await world.stored(alice, chat.thread_id)
        await chat.delete(UUID(newest[1]["id"]))
        assert await chat.shown() == ["one", "heard: one"]
        assert await chat.siblings() == [(0, 1), (0, 1)]
        with pytest.raises(LastBranch):
            await chat.delete(first.message_id)


async def test_what_is_not_in_the_thread_is_refused(world: World) -> None:
    alice, mallory = user(), user()
    async with world.serving(MODEL) as instance:
        chat = Chat(world, instance, alice, await world.thread(alice))
        run = await chat.say("one")
        refused: list[dict[str, object]] = [
            {"parent_id": uuid4()},
            {"message_id": uuid4(), "regenerate": True},
        ]
        for others in refused:
            with pytest.raises(MessageNotFound):
                await instance.say(alice, chat.thread_id, "x", **others)
        for act in (chat.switch, chat.delete):
            with pytest.raises(MessageNotFound):
                await act(uuid4())
        chat.who = mallory
        for act in (chat.switch, chat.delete):
            with pytest.raises(ThreadNotFound):
                await act(run.message_id)


async def test_a_branch_is_not_switched_or_deleted_under_a_run(world: World) -> None:
    alice = user()
    gated = GatedModel("done")
    async with world.serving(gated.model()) as instance:
        thread_id = await world.thread(alice)
        run = await instance.say(alice, thread_id, "one")
        chat = Chat(world, instance, alice, thread_id)
        errors: list[NetraError] = []
        for act in (chat.switch, chat.delete):
            with pytest.raises(RunBusy) as busy:
                await act(run.message_id)
            errors.append(busy.value)
        assert {error.fields["run_id"] for error in errors} == {str(run.run_id)}
        gated.allow(1)
        await until(lambda: instance.runs.active_count == 0)
