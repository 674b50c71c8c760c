"""The keeper: refusals, closes, leaving, renewal, heartbeat, giving up."""

import asyncio
import socket
from dataclasses import replace
from uuid import uuid4

import pytest

from netra_client import (
    ClientOptions,
    ClientTimeouts,
    Credential,
    FixedToken,
    IdentityClient,
    NetraClient,
    ReconnectPolicy,
    RefreshingTokens,
    StreamReset,
)
from netra_client.errors import ClientClosed, ConnectionLost, HandshakeRefused, SocketClosed
from netra_client.states import Closed, Connected, ConnectionState, Leaving, Waiting
from netra_client.tests.unit.wire_http import PASSWORD
from netra_client.tests.unit.wire_server import Fault, WireServer

TOKEN = FixedToken("t0")
PROBLEM_JSON = {"content-type": "application/problem+json"}


async def test_the_handshake_offers_the_token_in_the_subprotocol_only(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options):
        pass
    assert wire.handshakes[0]["sec-websocket-protocol"] == "jwt-auth, jwt.t0"
    assert "authorization" not in wire.handshakes[0]
    assert "origin" not in wire.handshakes[0]


async def test_bearer_and_ticket_are_options(wire: WireServer, options: ClientOptions) -> None:
    bearer = replace(options, credential=Credential.BEARER)
    async with NetraClient(wire.url, TOKEN, bearer):
        pass
    assert wire.handshakes[0]["authorization"] == "Bearer t0"
    assert wire.handshakes[0]["sec-websocket-protocol"] == "jwt-auth"
    wire.faults.append(Fault(drop_after=2))
    async with NetraClient(
        wire.url, TOKEN, replace(options, credential=Credential.TICKET)
    ) as client:
        await client.run(uuid4(), "hello").answer()
    tickets = {item["sec-websocket-protocol"] for item in wire.handshakes[1:]}
    assert len(tickets) == 2, "each connection needs its own single-use ticket"
    assert all(item.startswith("jwt-auth, ticket.k") for item in tickets)


async def test_nothing_listening_is_reported_immediately(options: ClientOptions) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionLost, match=str(port)):
        async with NetraClient(f"http://127.0.0.1:{port}", TOKEN, options):
            pass


async def test_a_refusal_of_class_never_is_raised(wire: WireServer, options: ClientOptions) -> None:
    body = b'{"title":"t","detail":"no such origin","code":"origin_refused","retry":"never"}'
    wire.refusals.append((403, PROBLEM_JSON, body))
    with pytest.raises(HandshakeRefused) as caught:
        async with NetraClient(wire.url, TOKEN, options):
            pass
    assert (caught.value.status, caught.value.code) == (403, "origin_refused")
    assert "t0" not in str(caught.value)


async def test_a_proxy_without_problem_document_is_retried_by_status(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.refusals.append((503, {"content-type": "text/plain"}, b"no healthy upstream"))
    async with NetraClient(wire.url, TOKEN, options) as client:
        assert await client.ping() < 1
    assert len(wire.handshakes) == 2


async def test_a_redirect_is_not_followed_with_the_token(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.refusals.append((302, {"location": f"{wire.url}/ws"}, b""))
    with pytest.raises(HandshakeRefused, match="302"):
        async with NetraClient(wire.url, TOKEN, options):
            pass
    assert len(wire.handshakes) == 1


async def test_an_expired_token_is_refreshed_for_the_next_attempt(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.refusals.append((401, {}, b""))
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        async with NetraClient(wire.url, tokens, options):
            pass
    offered = [item["sec-websocket-protocol"] for item in wire.handshakes]
    assert offered == ["jwt-auth, jwt.t1", "jwt-auth, jwt.t2"]


async def test_a_refreshed_token_that_is_refused_ends_it(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.refusals.extend([(401, {}, b"")] * 3)
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        with pytest.raises(HandshakeRefused):
            async with NetraClient(wire.url, tokens, options):
                pass
    assert len(wire.handshakes) == 2


async def test_the_token_is_renewed_in_band_when_the_server_warns(
    wire: WireServer, options: ClientOptions
) -> None:
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        async with NetraClient(wire.url, tokens, options):
            await wire.notify("connection.expiring", {"reason": "token", "closesInSeconds": 30})
            await wire.until(lambda: "token.refresh" in wire.methods())
    assert wire.commands[-1][2] == {"token": "t2"}
    assert len(wire.handshakes) == 1


async def test_the_token_is_renewed_in_band_before_it_expires(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.http.expires_in = 0.4
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        async with NetraClient(wire.url, tokens, options):
            await wire.until(lambda: wire.methods().count("token.refresh") >= 2)
    assert len(wire.handshakes) == 1


async def test_a_token_that_expired_on_an_open_connection_is_not_offered_again(
    wire: WireServer, options: ClientOptions
) -> None:
    """A machine that slept: its monotonic clock paused, so its token looks fresh to it."""
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        async with NetraClient(wire.url, tokens, options) as client:
            await wire.notify("connection.expiring", {"reason": "token", "closesInSeconds": 30})
            await wire.until(lambda: "token.refresh" in wire.methods())
            await client.ping()  # the renewed token has its answer
            await wire.peers[0].websocket.close(4419)
            await wire.until(lambda: len(wire.handshakes) == 2)
            await client.ping()
    offered = [item["sec-websocket-protocol"] for item in wire.handshakes]
    assert offered == ["jwt-auth, jwt.t1", "jwt-auth, jwt.t3"]


async def test_draining_moves_the_client_at_the_announced_time(
    wire: WireServer, options: ClientOptions
) -> None:
    states: list[ConnectionState] = []
    async with NetraClient(wire.url, TOKEN, replace(options, on_state=states.append)):
        await wire.notify("connection.draining", {"reconnectAfterMs": 120})
        started = asyncio.get_running_loop().time()
        await wire.until(lambda: len(wire.handshakes) >= 2)
        waited = asyncio.get_running_loop().time() - started
    # integrity: allow no-wall-clock: the announced delay is a floor by protocol
    assert waited > 0.1, "the announced delay spreads the clients; it is a floor"
    assert Leaving("draining", 0.12) in states


async def test_a_command_does_not_wait_for_the_announced_time(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        await wire.notify("connection.draining", {"reconnectAfterMs": 60_000})
        await client.ping()
        assert await client.run(uuid4(), "hello").answer() == "hello "
    assert [number for number, method, _ in wire.commands if method == "run.start"] == [2]


async def test_an_old_connection_is_replaced_before_its_end(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        await wire.notify("connection.expiring", {"reason": "max_age", "closesInSeconds": 0.4})
        await wire.until(lambda: len(wire.handshakes) >= 2)
        assert await client.run(uuid4(), "hello").answer() == "hello "


async def test_a_server_that_does_not_answer_pings_is_left(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.faults.append(Fault(mute_ping=True))
    states: list[ConnectionState] = []
    timeouts = ClientTimeouts(ping_every=0.05, pong=0.1)
    chosen = replace(options, timeouts=timeouts, on_state=states.append)
    async with NetraClient(wire.url, TOKEN, chosen):
        await wire.until(lambda: len(wire.handshakes) >= 2)
    waits = [state for state in states if isinstance(state, Waiting)]
    assert "no answer to a ping" in str(waits[0].cause)


async def test_a_revoked_session_ends_readers_and_commands(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.faults.append(Fault(close_after=(1, 4410)))
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(uuid4(), "hello")
        with pytest.raises(SocketClosed) as caught:
            await run.answer()
        assert caught.value.close_code == 4410
        with pytest.raises(SocketClosed):
            await client.cancel_run(uuid4())
    assert len(wire.handshakes) == 1


async def test_it_gives_up_after_the_bound(wire: WireServer, options: ClientOptions) -> None:
    policy = ReconnectPolicy(prompt=0.01, first=0.01, cap=0.02, give_up=0.2)
    states: list[ConnectionState] = []
    chosen = replace(options, reconnect=policy, on_state=states.append)
    async with NetraClient(wire.url, TOKEN, chosen) as client:
        wire.refusals.extend([(503, {}, b"")] * 1000)
        wire.peers[0].cut.set()
        await wire.until(lambda: not wire.peers)
        with pytest.raises(HandshakeRefused):
            await client.cancel_run(uuid4())
    assert isinstance(states[-1], Closed)
    assert states[-1].error is not None


async def test_leaving_the_client_ends_its_readers(
    wire: WireServer, options: ClientOptions
) -> None:
    states: list[ConnectionState] = []
    async with NetraClient(wire.url, TOKEN, replace(options, on_state=states.append)) as client:
        stream = await client.subscribe(uuid4())
    with pytest.raises(ClientClosed):
        await anext(stream)
    assert isinstance(states[1], Connected)
    assert states[-1] == Closed(None)


async def test_a_reader_hears_of_a_lost_stream(wire: WireServer, options: ClientOptions) -> None:
    thread_id = uuid4()
    async with (
        NetraClient(wire.url, TOKEN, options) as client,
        await client.subscribe(thread_id) as stream,
    ):
        wire.log(thread_id).epoch = "e2"
        wire.peers[0].cut.set()
        item = await anext(stream)
    assert isinstance(item, StreamReset)
    assert (item.reason, item.active_run_id) == ("epoch_changed", None)


async def test_a_resumed_subscription_that_is_refused_for_a_moment_is_asked_for_again(
    wire: WireServer, options: ClientOptions
) -> None:
    busy = {"code": -32009, "message": "later", "data": {"code": "unavailable", "retry": "backoff"}}
    wire.faults += [Fault(drop_after=2), Fault(reject_resumed=busy)]
    async with NetraClient(wire.url, TOKEN, options) as client:
        run = client.run(uuid4(), "one two three")

        assert await run.answer() == "one two three "

    assert "thread.subscribe" in [method for number, method, _ in wire.commands if number > 1]
