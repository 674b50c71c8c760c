"""The REST routes of threads on a real database."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads.messages import MessageWriter
from netra_backend.app.threads.service import ThreadService
from netra_backend.tests.unit.threads.conftest import Api

JSON = {"content-type": "application/json"}


async def say(api: Api, thread_id: str, *contents: str) -> None:
    async with transaction(api.engine) as connection:
        await MessageWriter().append(
            connection,
            thread_id=UUID(thread_id),
            run_id=None,
            bodies=[
                {"id": str(uuid4()), "role": "user", "content": content} for content in contents
            ],
        )


async def test_a_thread_is_created_once_however_often_it_is_sent(api: Api) -> None:
    thread_id = str(uuid4())
    async with api.client(uuid4()) as client:
        first = await client.post("/api/threads", json={"id": thread_id, "title": " My plan "})
        second = await client.post("/api/threads", json={"id": thread_id, "title": "Other"})
        anonymous = await client.post("/api/threads", json={})
    assert (first.status_code, second.status_code, anonymous.status_code) == (201, 200, 201)
    assert first.json() == second.json()
    assert first.json()["title"] == "My plan"
    assert set(first.json()) == {
        "id",
        "title",
        "createdAt",
        "updatedAt",
        "deletedAt",
        "activeRunId",
    }


async def test_the_routes_need_a_token(api: Api) -> None:
    async with api.client() as client:
        answer = await client.get("/api/threads")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "mine now"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("GET", "/messages", None),
        ("GET", "/runs", None),
    ],
)
async def test_a_foreign_thread_answers_like_one_that_never_existed(
    api: Api, method: str, path: str, body: dict[str, str] | None
) -> None:
    owner, mallory = uuid4(), uuid4()
    async with api.client(owner) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
    async with api.client(mallory) as client:
        foreign = await client.request(method, f"/api/threads/{thread_id}{path}", json=body)
        absent = await client.request(method, f"/api/threads/{uuid4()}{path}", json=body)
        taken = await client.post("/api/threads", json={"id": thread_id})
    assert foreign.status_code == absent.status_code == taken.status_code == 404
    # Each request has a trace of its own; nothing else may distinguish the two.
    assert foreign.json() | {"trace_id": ""} == absent.json() | {"trace_id": ""}
    assert not await api.service.may_access(user_id=mallory, thread_id=UUID(thread_id))
    assert await api.service.may_access(user_id=owner, thread_id=UUID(thread_id))


async def test_threads_are_listed_by_last_use_and_paged_without_gap_or_repeat(api: Api) -> None:
    owner = uuid4()
    async with api.client(owner) as client:
        ids = [(await client.post("/api/threads", json={})).json()["id"] for _ in range(7)]
        await say(api, ids[0], "used last")
        seen: list[str] = []
        cursor: str | None = None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/threads", params=query)).json()
            seen += [item["id"] for item in page["items"]]
            if (cursor := page["nextCursor"]) is None:
                break
    assert seen == [ids[0], *reversed(ids[1:])]


async def test_a_thread_that_moves_while_the_pages_are_read_is_not_missed(api: Api) -> None:
    async with api.client(uuid4()) as client:
        ids = [(await client.post("/api/threads", json={})).json()["id"] for _ in range(9)]
        pages: list[list[str]] = []
        cursor: str | None = None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/threads", params=query)).json()
            pages.append([item["id"] for item in page["items"]])
            if (cursor := page["nextCursor"]) is None:
                break
            if len(pages) <= 2:  # the oldest, which no page has had, and then one that a page had
                await say(api, ids[len(pages) - 1], "used meanwhile")
    assert {thread_id for page in pages for thread_id in page} == set(ids)
    assert pages[-1] == [ids[1], ids[0]]


async def test_threads_that_move_without_pause_do_not_make_a_listing_endless(api: Api) -> None:
    async with api.client(uuid4()) as client:
        ids = [(await client.post("/api/threads", json={})).json()["id"] for _ in range(4)]
        pages, query = 0, {"limit": 2}
        while True:
            page = (await client.get("/api/threads", params=query)).json()
            pages += 1
            if page["nextCursor"] is None:
                break
            query["cursor"] = page["nextCursor"]
            for thread_id in ids:
                await say(api, thread_id, "again")
    assert pages < 12


async def test_messages_come_as_ag_ui_messages_in_both_directions(api: Api) -> None:
    async with api.client(uuid4()) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        await say(api, thread_id, *(f"message {number}" for number in range(5)))
        path = f"/api/threads/{thread_id}/messages"
        first = (await client.get(path, params={"limit": 3})).json()
        rest = (await client.get(path, params={"cursor": first["nextCursor"]})).json()
        latest = (await client.get(path, params={"limit": 2, "order": "desc"})).json()
        older = (
            await client.get(path, params={"cursor": latest["nextCursor"], "order": "desc"})
        ).json()
    contents = [item["content"] for item in first["items"] + rest["items"]]
    assert contents == [f"message {number}" for number in range(5)]
    assert rest["nextCursor"] is None
    backwards = [item["content"] for item in latest["items"] + older["items"]]
    assert backwards == list(reversed(contents))
    members = {"id", "role", "content", "runId", "parentId", "siblings", "createdAt"}
    assert set(first["items"][0]) == members
    assert [item["parentId"] for item in first["items"]] == [
        None,
        *(item["id"] for item in first["items"][:2]),
    ]
    assert first["items"][0]["siblings"] == {
        "index": 0,
        "count": 1,
        "previous": None,
        "next": None,
    }


async def test_a_deleted_thread_is_gone_until_it_is_restored(api: Api) -> None:
    async with api.client(uuid4()) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        path = f"/api/threads/{thread_id}"
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 204
        assert (await client.get(path)).status_code == 404
        assert (await client.get(f"{path}/messages")).status_code == 404
        assert (await client.get("/api/threads")).json()["items"] == []
        again = await client.post("/api/threads", json={"id": thread_id})
        assert (again.status_code, again.json()["code"]) == (409, "thread_deleted")
        binned = (await client.get("/api/threads", params={"deleted": "true"})).json()["items"]
        assert [item["id"] for item in binned] == [thread_id]
        assert (await client.post(f"{path}/restore")).json()["deletedAt"] is None
        assert (await client.get(path)).status_code == 200


async def test_search_finds_words_of_messages_and_pieces_of_titles(api: Api) -> None:
    owner = uuid4()
    async with api.client(owner) as client:
        planned = (await client.post("/api/threads", json={"title": "100% Rollback_plan"})).json()
        talked = (await client.post("/api/threads", json={})).json()
        await say(api, talked["id"], "The valkey is on fire")

        async def found(words: str) -> list[str]:
            page = await client.get("/api/threads", params={"q": words})
            return [item["id"] for item in page.json()["items"]]

        assert await found("valkey fire") == [talked["id"]]
        assert await found("rollb") == [planned["id"]]
        assert await found("100%") == [planned["id"]]
        assert await found("k_p") == [planned["id"]]  # LIKE's wildcards are plain characters
        assert await found("k%p") == []
        assert await found("nothing like it") == []
        assert len(await found("  \x00 ")) == 2
    async with api.client(uuid4()) as client:
        assert (await client.get("/api/threads", params={"q": "valkey"})).json()["items"] == []


async def test_a_thread_is_renamed(api: Api) -> None:
    async with api.client(uuid4()) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        renamed = await client.patch(f"/api/threads/{thread_id}", json={"title": "Other"})
    assert renamed.json()["title"] == "Other"


@pytest.mark.parametrize(
    ("title", "stored"),
    [("half \ud83d", "half \ufffd"), ("\u202eabc\u2066", "abc"), ("\u200bx", "\u200bx")],
)
async def test_titles_are_stored_well_formed(api: Api, title: str, stored: str) -> None:
    async with api.client(uuid4()) as client:
        body = json.dumps({"title": title}).encode()
        answer = await client.post("/api/threads", content=body, headers=JSON)
        thread_id = answer.json()["id"]
        renamed = await client.patch(f"/api/threads/{thread_id}", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["title"]) == (201, stored)
    assert renamed.json()["title"] == stored


@pytest.mark.parametrize(
    "title", ["", "   ", "x" * 201, "two\nlines", "nul\x00", "\u200b\u200d", "\u202e \u2066"]
)
async def test_titles_that_are_no_titles_are_refused(api: Api, title: str) -> None:
    async with api.client(uuid4()) as client:
        answer = await client.post("/api/threads", json={"title": title})
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["", "/{thread}/messages", "/{thread}/runs"])
@pytest.mark.parametrize("cursor", ["x", "AAAA", "WzFd", "eyJhIjoxfQ", "W251bGwsbnVsbF0", "é" * 9])
async def test_cursors_that_we_did_not_make_are_refused(api: Api, path: str, cursor: str) -> None:
    async with api.client(uuid4()) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        answer = await client.get(
            f"/api/threads{path.format(thread=thread_id)}", params={"cursor": cursor}
        )
    if path.endswith("messages") and cursor == "WzFd":
        assert answer.status_code == 200  # it is `[1]`: the position after the first message
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_a_database_that_refuses_is_a_503_that_says_so(api: Api) -> None:
    engine = create_async_engine("postgresql+asyncpg://nobody:x@127.0.0.1:1/none")
    api.app.state.thread_service = ThreadService(engine)
    async with api.client(uuid4()) as client:
        answer = await client.get("/api/threads")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"
    await engine.dispose()


async def test_a_branch_is_activated_and_the_only_one_is_not_deleted(api: Api) -> None:
    async with api.client(uuid4()) as client:
        thread_id = (await client.post("/api/threads", json={})).json()["id"]
        await say(api, thread_id, "first", "second")
        path = f"/api/threads/{thread_id}"
        newest = (await client.get(f"{path}/messages")).json()["items"][-1]["id"]
        done = await client.put(f"{path}/branch", json={"messageId": newest})
        unknown = await client.put(f"{path}/branch", json={"messageId": str(uuid4())})
        only = await client.delete(f"{path}/messages/{newest}")
    assert done.status_code == 204
    assert (unknown.status_code, unknown.json()["code"]) == (404, "message_not_found")
    assert (only.status_code, only.json()["code"]) == (409, "last_branch")
