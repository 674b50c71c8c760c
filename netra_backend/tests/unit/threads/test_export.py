"""An export has every branch and the record of approvals, and belongs to the owner alone."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert

from netra_backend.app.db.tables import runs
from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads.messages import MessageWriter
from netra_backend.tests.unit.threads.conftest import Api


def user(content: str) -> dict[str, Any]:
    return {"id": str(uuid4()), "role": "user", "content": content}


async def thread_with_branches(api: Api, owner: UUID) -> tuple[str, list[dict[str, Any]]]:
    """Two versions of the first message; the second one asked for an approval."""
    async with api.client(owner) as client:
        created = await client.post("/api/threads", json={"title": "My plan"})
    thread = UUID(created.json()["id"])
    first, second = user("first"), user("second ```")
    call = {"id": "c", "type": "function", "function": {"name": "stop", "arguments": '{"n":1}'}}
    asked = {"id": str(uuid4()), "role": "assistant", "content": "", "toolCalls": [call]}
    asking, went = uuid4(), uuid4()
    no = {"approved": False, "reason": "They are mine."}
    answers = [{"interruptId": "i", "status": "resolved", "payload": no}]
    common = {
        "thread_id": thread,
        "owner_id": owner,
        "message_id": UUID(second["id"]),
        "request_digest": "",
        "model": "m",
        "instance_id": "i",
        "lease_expires_at": func.now(),
        "released_at": func.now(),
    }
    async with transaction(api.engine) as connection:
        writer = MessageWriter()
        await writer.append(connection, thread_id=thread, run_id=None, bodies=[first], after=None)
        await writer.append(
            connection, thread_id=thread, run_id=asking, bodies=[second, asked], after=None
        )
        await connection.execute(
            insert(runs).values(
                **common,
                id=asking,
                command_id=uuid4(),
                status="interrupted",
                interrupts=[{"id": "i", "toolCallId": "c"}],
                answered_at=func.now(),
            )
        )
        await connection.execute(
            insert(runs).values(
                **common,
                id=went,
                command_id=uuid4(),
                status="completed",
                parent_run_id=asking,
                answers=answers,
            )
        )
    return str(thread), [first, second, asked]


async def test_json_has_every_branch_and_decision(api: Api) -> None:
    owner = uuid4()
    thread_id, (first, second, asked) = await thread_with_branches(api, owner)
    async with api.client(owner) as client:
        answer = await client.get(f"/api/threads/{thread_id}/export")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="netra-{thread_id}.json"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    document = answer.json()
    assert (document["format"], document["version"]) == ("netra.thread", 1)
    assert document["thread"]["id"] == thread_id
    assert document["activeBranch"] == [second["id"], asked["id"]]
    parents = {message["id"]: message["parentId"] for message in document["messages"]}
    assert parents == {first["id"]: None, second["id"]: None, asked["id"]: second["id"]}
    (decision,) = [one for run in document["runs"] for one in run["decisions"] or ()]
    assert (decision["outcome"], decision["reason"]) == ("declined", "They are mine.")


async def test_markdown_is_the_active_branch_with_the_record(api: Api) -> None:
    owner = uuid4()
    thread_id, _ = await thread_with_branches(api, owner)
    async with api.client(owner) as client:
        answer = await client.get(f"/api/threads/{thread_id}/export?format=markdown")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    text = answer.text
    assert text.startswith("# My plan\n")
    assert "version 2 of 2" in text
    assert "first" not in text
    assert "> You declined: They are mine., " in text


@pytest.mark.parametrize("form", ["json", "markdown"])
async def test_an_empty_thread_is_a_document_and_that_of_another_person_is_not(
    api: Api, form: str
) -> None:
    owner = uuid4()
    async with api.client(owner) as client, api.client(uuid4()) as other:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        path = f"/api/threads/{thread_id}/export?format={form}"
        assert (await client.get(path)).status_code == 200
        refused = await other.get(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "thread_not_found")
        assert (await client.get(f"{path}x")).status_code == 422


async def test_a_long_thread_is_exported_whole(api: Api) -> None:
    owner, count = uuid4(), 450  # more than two pages of the database
    async with api.client(owner) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        async with transaction(api.engine) as connection:
            await MessageWriter().append(
                connection,
                thread_id=UUID(thread_id),
                run_id=None,
                bodies=[user(f"m{number}") for number in range(count)],
            )
        document = (await client.get(f"/api/threads/{thread_id}/export")).json()
    assert [message["content"] for message in document["messages"]] == [
        f"m{number}" for number in range(count)
    ]
    assert len(document["activeBranch"]) == count
