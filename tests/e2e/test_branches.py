"""Branches through the Python SDK: edit, answer again, switch and delete, on the platform."""

from uuid import UUID

from netra_client.models import Message
from netra_client.threads import ThreadsClient
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import new_person
from test_framework.platform.stack import Stack


async def branch_of(threads: ThreadsClient, thread_id: UUID) -> list[Message]:
    return [message async for message in threads.messages(thread_id)]


def texts(messages: list[Message]) -> list[str]:
    return [message.text.strip() for message in messages]


async def test_an_edit_and_a_second_answer_are_branches(stack: Stack) -> None:
    async with new_person(stack.url) as person, person.client(stack.url) as client:
        threads, thread_id = client.threads, (await client.threads.create()).id
        await client.run(thread_id, "words=2").answer()
        first = (await branch_of(threads, thread_id))[0]
        edit = client.run(thread_id, "words=3", parent_id=first.parent_id)
        await edit.answer()
        await client.regenerate(thread_id, edit.message_id).answer()
        edited = await branch_of(threads, thread_id)
        assert texts(edited) == ["words=3", answer_of(3).strip()]
        question, answer = edited
        assert question.siblings is not None
        assert answer.siblings is not None
        assert (question.siblings.index, question.siblings.count) == (1, 2)
        assert (answer.siblings.index, answer.siblings.count) == (1, 2)
        assert (question.siblings.previous, answer.parent_id) == (UUID(first.id), UUID(question.id))
        await threads.activate_branch(thread_id, UUID(first.id))
        assert texts(await branch_of(threads, thread_id)) == ["words=2", answer_of(2).strip()]
        await threads.delete_branch(thread_id, UUID(question.id))
        (alone, _) = await branch_of(threads, thread_id)
        assert (alone.id, alone.siblings and alone.siblings.count) == (first.id, 1)
