"""What ends a session, what limits it, and how both are announced: real sockets throughout."""

import asyncio
import hashlib
import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
import websockets
from websockets import Subprotocol

from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected, ready
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from test_framework.stolen_time import undisturbed

IDLE_SECONDS = 0.4


def expiry_of(token: str) -> int:
    """Return when a token of ``tokens`` expires, in unix seconds."""
    claims = jwt.decode(token, tokens.SECRET, algorithms=["HS256"], audience=tokens.AUDIENCE)
    expiry: int = claims["exp"]
    return expiry


@pytest.mark.parametrize(
    ("limits", "initialize", "code", "name"),
    [
        ({"initialize_seconds": 0.2}, False, 4408, "initialize_timeout"),
        ({"idle_seconds": 0.2}, True, 4412, "idle_timeout"),
        ({"max_age_seconds": 0.5, "expiry_warning_seconds": 0.2}, True, 4414, "max_age"),
    ],
)
async def test_time_limits_close_with_their_code(
    valkey_url: str,
    limits: dict[str, Any],
    initialize: bool,  # noqa: FBT001  a column of the table above
    code: int,
    name: str,
) -> None:
    async def attempt() -> None:
        async with running(valkey_url, SocketLimits(**limits)) as instance:
            _, token = instance.user()
            async with connected(instance.url, token) as client:
                if initialize:
                    await client.initialize()
                assert await client.closed() == (code, name)
                if name == "max_age":
                    warning = json.loads(client.transcript[-1][1])
                    assert warning["method"] == "connection.expiring"
                    assert warning["params"] == {"reason": "max_age", "closesInSeconds": 0.2}

    await undisturbed(attempt, deadline=0.2)


async def test_traffic_keeps_a_socket_from_being_idle(valkey_url: str) -> None:
    async def attempt() -> None:
        async with running(valkey_url, SocketLimits(idle_seconds=IDLE_SECONDS)) as instance:
            _, token = instance.user()
            async with ready(instance.url, token) as client:
                started = time.monotonic()
                while time.monotonic() - started < 1.0:
                    await client.ask("ping")
                    await asyncio.sleep(0.1)
                assert await client.closed() == (4412, "idle_timeout")

    await undisturbed(attempt, deadline=IDLE_SECONDS - 0.1)


async def test_events_keep_a_silent_reader_from_being_idle_and_are_counted(valkey_url: str) -> None:
    async def attempt() -> None:
        async with running(valkey_url, SocketLimits(idle_seconds=IDLE_SECONDS)) as instance:
            user_id, token = instance.user()
            thread_id, run_id = instance.rooms.thread_of(user_id), uuid4()
            async with ready(instance.url, token) as client:
                await client.ask("thread.subscribe", threadId=str(thread_id))
                started, published = time.monotonic(), 0
                while time.monotonic() - started < 1.0:
                    await instance.streams.publisher.publish(
                        thread_id=thread_id,
                        run_id=run_id,
                        event=b'{"type":"CUSTOM"}',
                        terminal=False,
                    )
                    published += 1
                    await asyncio.sleep(0.1)
                assert await client.closed() == (4412, "idle_timeout")
            events = [text for _, text in client.transcript if '"thread.event"' in text]
            assert len(events) == published
            await until(lambda: not instance.gateway.connections()["open"])
            closed = instance.gateway.connections()["recentlyClosed"][0]
            assert closed["framesOut"] == published + 2  # and two answers

    await undisturbed(attempt, deadline=IDLE_SECONDS - 0.1)


async def test_an_expiring_token_is_announced_renewed_and_then_expires(valkey_url: str) -> None:
    # The warning comes immediately, ten seconds before the end: there is time to renew.
    async with running(valkey_url, SocketLimits(expiry_warning_seconds=10)) as instance:
        user_id, session_id = uuid4(), uuid4()
        async with ready(
            instance.url, tokens.issue(user_id, session_id, lives_seconds=11)
        ) as client:
            warning = await client.notification()
            assert warning["params"]["reason"] == "token"
            renewed = tokens.issue(user_id, session_id, lives_seconds=3)
            answer = await client.ask("token.refresh", token=renewed)
            assert answer["tokenExpiresAt"] == expiry_of(renewed)
            foreign = await client.call("token.refresh", token=tokens.issue(user_id))
            assert foreign["error"]["code"] == -32008
            forged = await client.call("token.refresh", token="a.b.c")
            assert forged["error"]["data"]["retry"] == "after-refresh"
            assert await client.closed() == (4419, "token_expired")
            # integrity: allow no-wall-clock: closing before the expiry would break the protocol
            assert time.time() >= answer["tokenExpiresAt"] - 0.1


async def test_a_token_shorter_than_the_notice_is_announced_at_half_its_life(
    valkey_url: str,
) -> None:
    lives = 4
    async with (
        running(valkey_url, SocketLimits(expiry_warning_seconds=60)) as instance,
        ready(instance.url, tokens.issue(lives_seconds=lives)) as client,
    ):
        warning = await client.notification()
        # Announced immediately, it would be renewed immediately, and so would the next.
        assert 0 < warning["params"]["closesInSeconds"] <= lives / 2


async def test_an_initialize_that_missed_its_deadline_may_be_sent_again(valkey_url: str) -> None:
    async with running(valkey_url, SocketLimits(command_seconds=1.0)) as instance:
        user_id, token = instance.user()
        wanted = [{"threadId": str(instance.rooms.thread_of(user_id))}]
        instance.rooms.slow_seconds = 60
        async with connected(instance.url, token) as client:
            late = await client.call(
                "initialize",
                protocolVersion=1,
                client={"name": "test", "version": "1"},
                subscriptions=wanted,
            )
            assert late["error"]["data"]["code"] == "command_timeout"
            instance.rooms.slow_seconds = 0
            [subscribed] = (await client.initialize(subscriptions=wanted))["subscriptions"]
            assert subscribed["threadId"] == wanted[0]["threadId"]


async def test_a_sign_out_during_the_handshake_closes_the_new_socket(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        session_id = uuid4()
        await until(lambda: instance.gateway._revocations.connected)
        # Heard, but not yet there when it is looked up: the look-up came first.
        await instance.client.publish("netra:sessions:revoked", str(session_id))
        await until(lambda: session_id in instance.gateway._revoked)
        async with connected(instance.url, tokens.issue(uuid4(), session_id)) as client:
            assert await client.closed() == (4410, "session_revoked")


async def test_signing_out_closes_every_socket_of_the_session(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        user_id, session_id = uuid4(), uuid4()
        token = tokens.issue(user_id, session_id)
        await until(lambda: instance.gateway._revocations.connected)
        async with (
            ready(instance.url, token) as one,
            ready(instance.url, token) as two,
            ready(instance.url, tokens.issue(user_id)) as other_session,
        ):
            await instance.client.set(f"netra:session:revoked:{session_id}", 1, ex=60)
            await instance.client.publish("netra:sessions:revoked", str(session_id))
            assert await one.closed() == (4410, "session_revoked")
            assert await two.closed() == (4410, "session_revoked")
            assert await other_session.ask("ping") == {}
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with connected(instance.url, token):
                pass
        assert json.loads(caught.value.response.body or b"")["code"] == "session_revoked"


async def test_a_ticket_opens_one_socket_only(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        ticket = "T" * 43
        digest = hashlib.sha256(ticket.encode()).hexdigest()
        await instance.client.set(f"netra:ticket:{digest}", tokens.ticket_statement(digest), ex=60)
        offer = [Subprotocol("jwt-auth"), Subprotocol(f"ticket.{ticket}")]
        async with websockets.connect(instance.url, subprotocols=offer) as connection:
            assert connection.subprotocol == "jwt-auth"
            with pytest.raises(websockets.InvalidStatus) as caught:
                await websockets.connect(instance.url, subprotocols=offer).__aenter__()
        assert caught.value.response.status_code == 401
        assert json.loads(caught.value.response.body or b"")["code"] == "ticket_invalid"


@pytest.mark.parametrize("kind", ["unsigned", "of another ticket", "an access token"])
async def test_write_access_to_valkey_opens_no_socket(valkey_url: str, kind: str) -> None:
    statements = {
        "unsigned": json.dumps({"sub": str(uuid4()), "roles": ["operator"]}),
        "of another ticket": tokens.ticket_statement(hashlib.sha256(b"other").hexdigest()),
        "an access token": tokens.issue(roles=["operator"]),
    }
    async with running(valkey_url) as instance:
        ticket = "T" * 43
        key = f"netra:ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
        await instance.client.set(key, statements[kind], ex=60)
        offer = [Subprotocol("jwt-auth"), Subprotocol(f"ticket.{ticket}")]
        with pytest.raises(websockets.InvalidStatus) as caught:
            await websockets.connect(instance.url, subprotocols=offer).__aenter__()
        assert caught.value.response.status_code == 401
        assert json.loads(caught.value.response.body or b"")["code"] == "ticket_invalid"


async def test_commands_above_the_rate_are_answered_then_cut_off(valkey_url: str) -> None:
    # A machine that pauses for seconds earns no further command.
    limits = SocketLimits(commands_per_second=0.05, command_burst=3, max_refused_commands=5)
    async with running(valkey_url, limits) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            answers = [await client.call("ping") for _ in range(4)]
            assert [("error" in answer) for answer in answers] == [False, False, True, True]
            error = answers[-1]["error"]
            assert error["code"] == -32006
            assert 0 < error["data"]["retryAfterMs"] <= 20_000
            for _ in range(5):
                await client.send_text("{")
            code, reason = await client.closed()
        assert (code, reason) == (4429, "too many frames")


async def test_a_frame_above_the_limit_closes_1009(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            await client.connection.send("x" * (instance.limits.max_frame_bytes + 1))
            assert (await client.closed())[0] == 1009


async def test_commands_need_initialize_once_and_in_our_version(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with connected(instance.url, token) as client:
            early = await client.call("ping")
            assert early["error"]["code"] == -32001
            newer = await client.call(
                "initialize", protocolVersion=2, client={"name": "x", "version": "1"}
            )
            assert newer["error"]["data"]["code"] == "unsupported_protocol_version"
            await client.initialize()
            again = await client.call(
                "initialize", protocolVersion=1, client={"name": "x", "version": "1"}
            )
            assert again["error"]["code"] == -32001


async def test_what_belongs_to_others_does_not_exist(valkey_url: str) -> None:
    async with running(valkey_url, SocketLimits(max_subscriptions=1)) as instance:
        user_id, token = instance.user()
        mine, mine_too = instance.rooms.thread_of(user_id), instance.rooms.thread_of(user_id)
        foreign = instance.rooms.thread_of(uuid4())
        async with ready(instance.url, token) as client:
            refused = await client.call("thread.subscribe", threadId=str(foreign))
            assert refused["error"]["code"] == -32002
            refused = await client.call(
                "run.start",
                threadId=str(foreign),
                commandId=str(uuid4()),
                message={"id": str(uuid4()), "content": "x"},
            )
            assert refused["error"]["code"] == -32002
            unknown = await client.call("run.cancel", runId=str(uuid4()))
            assert unknown["error"]["code"] == -32004
            await client.ask("thread.subscribe", threadId=str(mine))
            await client.ask("thread.subscribe", threadId=str(mine))
            many = await client.call("thread.subscribe", threadId=str(mine_too))
            assert many["error"]["code"] == -32007


async def test_busy_threads_reject_or_interrupt(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(instance.url, token) as client:
            first = await client.say(thread_id, "hold")
            command = {
                "threadId": str(thread_id),
                "commandId": str(uuid4()),
                "message": {"id": str(uuid4()), "content": "words:1"},
            }
            busy = await client.call("run.start", **command)
            assert (busy["error"]["code"], busy["error"]["data"]["retryAfterMs"]) == (-32003, 500)
            second = await client.ask("run.start", **command, onBusy="interrupt")
            assert second["runId"] != first["runId"]
            cancelled = await client.ask("run.cancel", runId=first["runId"])
            assert cancelled["status"] == "cancelled"


async def test_a_message_above_the_limit_is_refused(valkey_url: str) -> None:
    async with running(valkey_url, SocketLimits(max_message_bytes=10)) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(instance.url, token) as client:
            refused = await client.call(
                "run.start",
                threadId=str(thread_id),
                commandId=str(uuid4()),
                message={"id": str(uuid4()), "content": "äöüäöü"},
            )
        assert refused["error"]["code"] == -32010
