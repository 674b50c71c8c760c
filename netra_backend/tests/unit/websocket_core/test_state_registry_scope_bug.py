"""The registry is reachable at every stage and on every failure branch of a connection's life.

The bug behind this file: a handler looked the registry up in a scope where it was not defined,
so some branches ended in a NameError, and the client saw the socket die without a reason. Here
a real client drives a real server through each branch, and the record must be found each time.
"""

import asyncio
import json
from uuid import uuid4

import pytest
import websockets
from websockets import Subprotocol

from netra_backend.app.streams.entry import Draft
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.state_registry import ConnectionRecord, ConnectionState
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import ORIGIN, Instance, running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected, ready
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.faults.processes import frozen

pytestmark = pytest.mark.mission_critical

STAGES = ["connecting", "authenticated", "ready", "draining", "closed"]


def only_record(instance: Instance) -> ConnectionRecord:
    """Return the record of the one connection that the test has made."""
    records = instance.gateway.registry.open_records
    assert len(records) == 1
    return records[0]


async def closed_record(instance: Instance, connection_id: str | None = None) -> ConnectionRecord:
    """Return the latest closed record, once there is one, by the way operations look."""
    registry = instance.gateway.registry
    await until(lambda: registry.open_count == 0 and registry.snapshot()["recentlyClosed"])
    latest = registry.snapshot()["recentlyClosed"][0]["connectionId"]
    assert connection_id in {None, latest}
    record = registry.get(latest)
    assert record is not None
    assert state_of(record) is ConnectionState.CLOSED
    return record


def state_of(record: ConnectionRecord) -> ConnectionState:
    """Return the state now; mypy would take two readings of an attribute for the same one."""
    return record.state


async def test_found_at_every_stage_of_a_good_life(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with connected(instance.url, token) as client:
            record = only_record(instance)
            assert state_of(record) is ConnectionState.AUTHENTICATED
            answer = await client.initialize()
            assert answer["connectionId"] == record.connection_id
            assert instance.gateway.registry.get(answer["connectionId"]) is record
            assert state_of(record) is ConnectionState.READY
            assert record.client == "test/1"
        closed = await closed_record(instance, record.connection_id)
    assert closed is record
    assert closed.close_code == 1000
    assert [state.value for state in closed.entered] == [
        "connecting",
        "authenticated",
        "ready",
        "closed",
    ]


async def test_found_during_the_handshake(valkey_server: EmbeddedValkey) -> None:
    async with running(valkey_server.url) as instance:
        _, token = instance.user()
        # The credential is checked against Valkey, which does not answer before it may.
        with frozen(valkey_server.pid):
            connecting = asyncio.create_task(
                websockets.connect(
                    instance.url, additional_headers={"Authorization": f"Bearer {token}"}
                ).__aenter__()
            )
            await until(lambda: instance.gateway.registry.open_count == 1)
            record = only_record(instance)
            assert state_of(record) is ConnectionState.CONNECTING
        connection = await connecting
        assert state_of(record) is ConnectionState.AUTHENTICATED
        await connection.close()


@pytest.mark.parametrize(
    ("headers", "subprotocols", "status", "code"),
    [
        ({}, None, 401, "credential_missing"),
        ({"Authorization": "Bearer a.b.c"}, None, 401, "token_invalid"),
        ({}, ["jwt-auth", "jwt.test-token"], 401, "token_invalid"),
        ({}, ["jwt.a.b.c"], 400, "bad_handshake"),
        (
            {"Authorization": "Bearer a.b.c"},
            ["jwt-auth", "jwt.a.b.d"],
            400,
            "conflicting_credentials",
        ),
        (
            {"Authorization": "Bearer a.b.c", "Origin": "https://evil.example"},
            None,
            403,
            "origin_forbidden",
        ),
    ],
)
async def test_found_after_a_refused_handshake(
    valkey_url: str, headers: dict[str, str], subprotocols: list[str] | None, status: int, code: str
) -> None:
    async with running(valkey_url) as instance:
        offer = [Subprotocol(name) for name in subprotocols] if subprotocols else None
        with pytest.raises(websockets.InvalidStatus) as caught:
            await websockets.connect(
                instance.url, additional_headers=headers, subprotocols=offer
            ).__aenter__()
        response = caught.value.response
        problem = json.loads(response.body or b"{}")
        assert (response.status_code, problem["code"], problem["status"]) == (status, code, status)
        assert response.headers["Content-Type"] == "application/problem+json"
        record = await closed_record(instance)
    assert record.refused == code
    assert record.close_code is None
    assert [state.value for state in record.entered] == ["connecting", "closed"]


async def test_found_after_a_browsers_refusal_which_is_a_close(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        async with websockets.connect(
            instance.url,
            origin=websockets.Origin(ORIGIN),
            subprotocols=[Subprotocol("jwt-auth"), Subprotocol("jwt.test-token")],
        ) as connection:
            assert connection.subprotocol == "jwt-auth"
            with pytest.raises(websockets.ConnectionClosed) as caught:
                await connection.recv()
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4401, "token_invalid")
        record = await closed_record(instance)
    assert (record.close_code, record.refused) == (4401, "token_invalid")


async def test_found_after_malformed_frames_which_are_answered(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            record = only_record(instance)
            await client.send_text("{")
            assert (await client.receive())["error"]["code"] == -32700
            assert instance.gateway.registry.get(record.connection_id) is record
            assert state_of(record) is ConnectionState.READY
            await client.connection.send(b"\x00\x01")
            assert await client.closed() == (4400, "binary frames are not used")
        assert await closed_record(instance, record.connection_id) is record


async def test_found_after_a_defect_in_another_room(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(instance.url, token) as client:
            record = only_record(instance)
            answer = await client.call(
                "run.start",
                threadId=str(thread_id),
                commandId=str(uuid4()),
                message={"id": str(uuid4()), "content": "fail"},
            )
            assert answer["error"]["code"] == -32603
            assert len(answer["error"]["data"]["errorId"]) == 32
            assert await client.ask("ping") == {}
            assert instance.gateway.registry.get(record.connection_id) is record
            assert state_of(record) is ConnectionState.READY


async def test_found_after_an_exception_which_is_a_close_frame_with_an_error_id(
    valkey_url: str,
) -> None:
    async with running(valkey_url) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        # Something foreign wrote into the stream what no reader can be shown.
        store, run_id = instance.streams.hub.store, str(uuid4())
        for seq, event in enumerate([b'{"type":"RUN_STARTED"}', b"\xff"]):
            await store.append(thread_id, Draft("foreign", seq, run_id, False, event))
        state = await store.open(thread_id, None)
        async with ready(instance.url, token) as client:
            record = only_record(instance)
            position = {"epoch": state.epoch, "offset": 0}
            await client.ask("thread.subscribe", threadId=str(thread_id), position=position)
            code, reason = await client.closed()
        assert code == 4500
        assert await closed_record(instance, record.connection_id) is record
    assert reason == f"error_id={record.error_id}"
    assert (record.close_code, record.close_reason) == (4500, reason)


async def test_found_after_a_slow_consumer(valkey_url: str) -> None:
    limits = SocketLimits(outbound_frames=8, outbound_bytes=1_000_000)
    async with running(valkey_url, limits) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with connected(instance.url, token, max_queue=1) as client:
            await client.initialize(subscriptions=[{"threadId": str(thread_id)}])
            record = only_record(instance)
            event = json.dumps({"type": "CUSTOM", "name": "x", "value": "v" * 200_000}).encode()
            run_id = uuid4()
            published = 0
            # The client reads nothing meanwhile: first the kernel's buffers fill, then ours.
            while record.state is ConnectionState.READY and published < 200:
                await instance.streams.publisher.publish(
                    thread_id=thread_id, run_id=run_id, event=event, terminal=False
                )
                published += 1
            assert (await client.closed())[0] == 4413
        assert await closed_record(instance, record.connection_id) is record
    assert record.close_code == 4413


async def test_found_through_a_drain(valkey_url: str) -> None:
    limits = SocketLimits(drain_notice_seconds=0.3, drain_spread_seconds=0.2, drain_seconds=3)
    async with running(valkey_url, limits) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            record = only_record(instance)
            draining = asyncio.create_task(instance.gateway.drain())
            notice = await client.notification()
            assert notice["method"] == "connection.draining"
            assert 0 <= notice["params"]["reconnectAfterMs"] <= 200
            assert instance.gateway.registry.get(record.connection_id) is record
            assert state_of(record) is ConnectionState.DRAINING
            assert await client.closed() == (1012, "service_restart")
            await draining
        assert await closed_record(instance, record.connection_id) is record
        with pytest.raises(websockets.InvalidStatus) as caught:
            await websockets.connect(
                instance.url, additional_headers={"Authorization": f"Bearer {token}"}
            ).__aenter__()
        assert caught.value.response.status_code == 503
        assert json.loads(caught.value.response.body or b"{}")["code"] == "draining"
    assert [state.value for state in record.entered] == STAGES


async def test_found_after_the_client_was_killed(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            record = only_record(instance)
            client.connection.transport.abort()
            assert await closed_record(instance, record.connection_id) is record
    assert record.close_code in {1005, 1006}


async def test_found_when_the_user_has_too_many_connections(valkey_url: str) -> None:
    async with running(valkey_url, SocketLimits(max_connections_per_user=1)) as instance:
        user_id, token = instance.user()
        async with ready(instance.url, token):
            with pytest.raises(websockets.InvalidStatus) as caught:
                await websockets.connect(
                    instance.url,
                    additional_headers={"Authorization": f"Bearer {tokens.issue(user_id)}"},
                ).__aenter__()
            assert caught.value.response.status_code == 429
            refused = instance.gateway.registry.snapshot()["recentlyClosed"][0]
            assert refused["refused"] == "too_many_connections"
