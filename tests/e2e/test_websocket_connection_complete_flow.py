"""One connection's whole life on the real platform, through the real edge."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from netra_client import ClientOptions, ClientTimeouts, Credential, NetraClient, ThreadEvent
from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.errors import CommandRejected, HandshakeRefused, NetraClientError, SocketClosed
from netra_client.handshake import offer_token
from netra_client.states import Connected, ConnectionState, Leaving
from netra_client.token_source import FixedToken
from netra_client.transport import open_socket
from test_framework.faults.tcp_proxy import FaultProxy
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import QUICK, Person
from test_framework.platform.stack import Stack

DEADLINE = 60.0
TIMEOUTS = ClientTimeouts()
INITIALIZE = {"protocolVersion": 1, "client": {"name": "e2e", "version": "1"}}
Notes = asyncio.Queue[tuple[str, msgspec.Raw]]


@pytest.fixture
async def proxy(stack: Stack) -> AsyncIterator[FaultProxy]:
    """Between the client and the edge."""
    between = FaultProxy(stack.port)
    await between.start()
    yield between
    await between.stop()


async def connect(
    stack: Stack, token: str, how: Credential = Credential.SUBPROTOCOL, origin: str | None = None
) -> tuple[Connection, asyncio.Task[NetraClientError], Notes]:
    notes: Notes = asyncio.Queue()
    socket = await open_socket(
        socket_url(stack.url),
        offer_token(how, token),
        timeouts=TIMEOUTS,
        max_frame_bytes=2**20,
        user_agent="e2e/1",
        origin=origin,
    )
    connection = Connection(socket, TIMEOUTS, lambda *note: notes.put_nowait(note))
    return connection, asyncio.create_task(connection.read_until_closed()), notes


async def ended(reader: "asyncio.Task[NetraClientError]") -> SocketClosed:
    error = await asyncio.wait_for(reader, DEADLINE)
    assert isinstance(error, SocketClosed)
    return error


async def test_connect_initialize_run_refresh_close(stack: Stack, person: Person) -> None:
    connection, reader, notes = await connect(stack, person.token)
    with pytest.raises(CommandRejected) as early:
        await connection.call("ping", {})
    assert early.value.code == "not_initialized"

    greeting = msgspec.json.decode(await connection.call("initialize", INITIALIZE))
    assert greeting["user"]["id"] == str(person.user_id)
    assert greeting["protocolVersion"] == 1

    async with person.client(stack.url) as helper:
        thread_id = (await helper.threads.create()).id
    subscribed = await connection.call("thread.subscribe", {"threadId": thread_id})
    assert msgspec.json.decode(subscribed)["recovered"] is False
    message = {"id": uuid4(), "content": "words=3"}
    params = {"threadId": thread_id, "commandId": uuid4(), "message": message}
    started = msgspec.json.decode(await connection.call("run.start", params))
    types = []
    while "RUN_FINISHED" not in types:
        method, raw = await asyncio.wait_for(notes.get(), DEADLINE)
        event = msgspec.json.decode(raw)
        assert (method, event["runId"]) == ("thread.event", started["runId"])
        types.append(event["event"]["type"])

    renewed = await person.identity.refresh(person.signed_in.refresh_token)
    result = await connection.call("token.refresh", {"token": renewed.access_token})
    assert msgspec.json.decode(result)["tokenExpiresAt"] >= greeting["tokenExpiresAt"]

    await connection.close()
    assert (await ended(reader)).close_code == 1000


@pytest.mark.parametrize("how", list(Credential))
async def test_each_credential_opens_a_socket(
    stack: Stack, person: Person, how: Credential
) -> None:
    async with person.client(stack.url, replace(QUICK, credential=how)) as client:
        assert await client.ping() < TIMEOUTS.pong


async def test_a_ticket_opens_one_socket_only(stack: Stack, person: Person) -> None:
    ticket = (await person.identity.socket_ticket(person.token)).ticket
    connection, reader, _ = await connect(stack, ticket, Credential.TICKET)
    await connection.close()
    await ended(reader)
    with pytest.raises(HandshakeRefused) as caught:
        await connect(stack, ticket, Credential.TICKET)
    assert caught.value.status == 401


async def test_a_program_with_a_bad_token_reads_401_before_the_upgrade(stack: Stack) -> None:
    with pytest.raises(HandshakeRefused) as caught:
        await connect(stack, "test-token")
    assert (caught.value.status, caught.value.code) == (401, "token_invalid")


async def test_a_browser_with_a_bad_token_reads_4401_after_the_upgrade(stack: Stack) -> None:
    _, reader, _ = await connect(stack, "test-token", origin=stack.url)
    assert (await ended(reader)).close_code == 4401


async def test_a_page_of_another_origin_is_refused(stack: Stack, person: Person) -> None:
    _, reader, _ = await connect(stack, person.token, origin="https://evil.example")
    assert (await ended(reader)).close_code == 4403


async def test_a_drop_in_the_middle_loses_nothing(person: Person, proxy: FaultProxy) -> None:
    async with person.client(f"http://localhost:{proxy.port}") as client:
        thread = await client.threads.create()
        text, offsets = "", []
        async for item in client.run(thread.id, "words=40 pace=0.02"):
            assert isinstance(item, ThreadEvent), "the stream was recovered, not reset"
            offsets.append(item.position.offset)
            text += item.event.get("delta", "")
            if len(offsets) in {5, 15, 25}:
                proxy.reset_connections()
    assert text == answer_of(40)
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))


async def test_a_restart_of_the_server_loses_nothing(stack: Stack, person: Person) -> None:
    states: list[ConnectionState] = []
    async with person.client(stack.url, replace(QUICK, on_state=states.append)) as client:
        thread = await client.threads.create()
        await client.run(thread.id, "words=2").answer()
        async with await client.subscribe(thread.id) as stream:
            former = stack.send_to_backend(signal.SIGTERM)
            await stack.until_backend_is_back(former)
            assert await client.run(thread.id, "words=4").answer() == answer_of(4)
            first = await asyncio.wait_for(anext(stream), DEADLINE)
            assert isinstance(first, ThreadEvent)
            assert first.type == "RUN_STARTED"
    assert [state.reason for state in states if isinstance(state, Leaving)] == ["draining"]
    instances = {state.instance_id for state in states if isinstance(state, Connected)}
    assert len(instances) == 2


async def test_a_killed_server_is_survived(stack: Stack, person: Person) -> None:
    async with person.client(stack.url) as client:
        thread = await client.threads.create()
        former = stack.send_to_backend(signal.SIGKILL)
        await stack.until_backend_is_back(former)
        assert await client.run(thread.id, "words=4").answer() == answer_of(4)


async def test_signing_out_closes_the_open_socket(stack: Stack, person: Person) -> None:
    connection, reader, _ = await connect(stack, person.token)
    await connection.call("initialize", INITIALIZE)
    await person.identity.logout(person.signed_in.refresh_token)
    assert (await ended(reader)).close_code == 4410
    with pytest.raises(HandshakeRefused) as caught:
        await connect(stack, person.token)
    assert caught.value.status == 401


async def test_only_the_own_token_may_be_renewed_in_band(stack: Stack, person: Person) -> None:
    connection, reader, _ = await connect(stack, person.token)
    await connection.call("initialize", INITIALIZE)
    other = await person.identity.login(person.email, person.password)
    with pytest.raises(CommandRejected) as caught:
        await connection.call("token.refresh", {"token": other.access_token})
    assert caught.value.number in {-32008, -32005}
    await connection.close()
    await ended(reader)


async def test_a_refusal_does_not_echo_the_token(stack: Stack) -> None:
    async with httpx.AsyncClient(timeout=DEADLINE) as http:
        answer = await http.get(
            f"{stack.url}/ws",
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol": "jwt-auth, jwt.broken",
            },
        )
    assert answer.status_code == 401
    assert "broken" not in answer.text + str(answer.headers)


async def test_a_thread_that_does_not_exist_cannot_be_subscribed(
    stack: Stack, person: Person
) -> None:
    async with NetraClient(stack.url, FixedToken(person.token), ClientOptions()) as client:
        with pytest.raises(CommandRejected) as caught:
            await client.subscribe(UUID(int=7))
        assert caught.value.code == "thread_not_found"
