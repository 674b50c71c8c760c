from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from netra_client import ClientTimeouts, FixedToken, IdentityClient, RefreshingTokens
from netra_client.endpoint import socket_url
from netra_client.errors import ConnectionLost, HttpRefused, InvalidUse
from netra_client.http import HttpTransport
from netra_client.models import Siblings
from netra_client.tests.unit.wire_http import PASSWORD, message, thread
from netra_client.tests.unit.wire_server import WireServer
from netra_client.threads import ThreadsClient


@pytest.fixture
async def threads(wire: WireServer) -> AsyncIterator[ThreadsClient]:
    http = HttpTransport(wire.url, ClientTimeouts())
    yield ThreadsClient(http, FixedToken("t0"))
    await http.aclose()


async def test_every_page_is_walked(wire: WireServer, threads: ThreadsClient) -> None:
    wire.http.threads = [thread(str(uuid4()), f"thread {n}") for n in range(5)]
    titles = [item.title async for item in threads.list()]
    assert titles == [f"thread {n}" for n in range(5)]
    assert wire.http.calls == ["GET /api/threads"] * 3


async def test_messages_come_in_either_order(wire: WireServer, threads: ThreadsClient) -> None:
    thread_id = uuid4()
    wire.http.messages[thread_id] = [message("user", text) for text in ("a", "b", "c")]
    assert [m.text async for m in threads.messages(thread_id)] == ["a", "b", "c"]
    newest = [m.text async for m in threads.messages(thread_id, newest_first=True)]
    assert newest == ["c", "b", "a"]


async def test_branches_are_listed_switched_and_deleted(
    wire: WireServer, threads: ThreadsClient
) -> None:
    thread_id, parent, other = uuid4(), uuid4(), uuid4()
    siblings = {"index": 1, "count": 2, "previous": str(other), "next": None}
    stored = message("user", "b") | {"parentId": str(parent), "siblings": siblings}
    wire.http.messages[thread_id] = [stored]
    (found,) = [item async for item in threads.messages(thread_id)]
    assert (found.parent_id, found.siblings) == (parent, Siblings(1, 2, other))
    await threads.activate_branch(thread_id, other)
    await threads.delete_branch(thread_id, UUID(found.id))
    assert wire.http.calls[1:] == [
        f"PUT /api/threads/{thread_id}/branch",
        f"DELETE /api/threads/{thread_id}/messages/{found.id}",
    ]


async def test_a_run_has_the_record_of_its_approvals(
    wire: WireServer, threads: ThreadsClient
) -> None:
    thread_id, moment = uuid4(), "2026-01-01T00:00:00Z"
    decision = {"interruptId": "int-c", "outcome": "declined", "reason": "No", "decidedAt": moment}
    run = {"id": str(uuid4()), "threadId": str(thread_id), "status": "interrupted"}
    record = {"decisions": [decision], "stepTimes": {"c": [1, None]}, "createdAt": moment}
    wire.http.runs[thread_id] = [run | record]
    (found,) = [item async for item in threads.runs(thread_id)]
    (made,) = found.decisions or ()
    assert (made.outcome, made.reason, made.decided_at.year) == ("declined", "No", 2026)
    assert found.step_times == {"c": (1, None)}


async def test_a_create_that_is_repeated_makes_one_thread(
    wire: WireServer, threads: ThreadsClient
) -> None:
    wire.http.failures.append((503, {}))
    created = await threads.create("Plan")
    assert [item["id"] for item in wire.http.threads] == [str(created.id)]
    assert wire.http.calls == ["POST /api/threads"] * 2


async def test_a_long_wait_is_left_to_the_caller(wire: WireServer, threads: ThreadsClient) -> None:
    wire.http.failures.append((503, {"Retry-After": "120"}))
    with pytest.raises(HttpRefused) as caught:
        await threads.get(uuid4())
    assert caught.value.retry_after == 120


async def test_an_expired_token_is_renewed_once(wire: WireServer) -> None:
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        http = HttpTransport(wire.url, ClientTimeouts())
        wire.http.refused_tokens = {"t1"}
        assert [item async for item in ThreadsClient(http, tokens).list()] == []
        wire.http.refused_tokens = {"t2", "t3"}
        with pytest.raises(HttpRefused):
            await ThreadsClient(http, tokens).rename(uuid4(), "title")
        await http.aclose()


async def test_nothing_listening_is_a_lost_connection() -> None:
    http = HttpTransport("http://127.0.0.1:9", ClientTimeouts())
    with pytest.raises(ConnectionLost):
        await http.send("GET", "/api/threads")
    await http.aclose()


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://localhost:8080", "ws://localhost:8080/ws"),
        ("https://netra.example/", "wss://netra.example/ws"),
        ("ws://localhost:8000/websocket", "ws://localhost:8000/websocket"),
    ],
)
def test_the_socket_is_at_the_platforms_address(base: str, url: str) -> None:
    assert socket_url(base) == url


@pytest.mark.parametrize("base", ["localhost", "ftp://x", "http://u:p@x", "http://x/?token=1"])
def test_an_address_that_would_leak_or_lead_nowhere_is_refused(base: str) -> None:
    with pytest.raises(InvalidUse):
        socket_url(base)
