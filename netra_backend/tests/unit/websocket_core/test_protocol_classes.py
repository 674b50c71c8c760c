"""What a client sees is the same whoever speaks RFC 6455: our protocol class or uvicorn's."""

import json
from typing import Any, Literal
from uuid import uuid4

import pytest
import websockets
from websockets import Subprotocol

from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.tests.unit.websocket_core.harness.instance import Instance, running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected, ready
from netra_backend.tests.unit.websocket_core.harness.waiting import until

ProtocolClass = Literal["netra", "uvicorn"]
both = pytest.mark.parametrize("protocol_class", ["netra", "uvicorn"])


def test_one_setting_chooses() -> None:
    assert issubclass(websocket_server_options(SocketLimits())["ws"], WebSocketProtocol)
    fallback = SocketLimits(protocol_class="uvicorn")
    assert websocket_server_options(fallback)["ws"] == "websockets-sansio"


@both
async def test_a_run_streams_and_commands_are_answered_in_order(
    valkey_url: str, protocol_class: ProtocolClass
) -> None:
    limits = SocketLimits(protocol_class=protocol_class)
    async with running(valkey_url, limits) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(
            instance.url, token, subscriptions=[{"threadId": str(thread_id)}]
        ) as client:
            await client.say(thread_id, "hello")
            events = await client.events_until("RUN_FINISHED")
            assert [event["offset"] for event in events] == list(range(1, len(events) + 1))
            # A slow command and a quick one behind it, in one go.
            subscribe = {"threadId": str(thread_id)}
            for number, method, params in [
                (101, "thread.subscribe", subscribe),
                (102, "ping", {}),
                (103, "ping", {}),
            ]:
                request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                await client.send_text(json.dumps(request))
            assert [(await client.receive())["id"] for _ in range(3)] == [101, 102, 103]


@both
async def test_what_breaks_the_bounds_is_closed_with_its_code(
    valkey_url: str, protocol_class: ProtocolClass
) -> None:
    limits = SocketLimits(
        protocol_class=protocol_class, max_frame_bytes=1000, max_message_bytes=500
    )
    async with running(valkey_url, limits) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            await client.send_text("x" * 1001)
            assert (await client.closed())[0] == 1009
        async with ready(instance.url, token) as client:
            await client.connection.send(b"binary")
            assert await client.closed() == (4400, "binary frames are not used")
        offer = [Subprotocol("jwt-auth"), Subprotocol("jwt.a.b.c")]
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(instance.url, subprotocols=offer).__aenter__()
        assert refused.value.response.headers["content-type"] == "application/problem+json"
        assert len(refused.value.response.headers["x-trace-id"]) == 32  # finds the log record
        assert json.loads(refused.value.response.body or b"")["code"] == "token_invalid"


async def publish_until_overflow(instance: Instance, thread_id: Any) -> int:
    """Publish big events until the only session ends; returns how many it took."""
    [session] = instance.gateway.handler.sessions.values()
    event = json.dumps({"type": "CUSTOM", "name": "x", "value": "v" * 200_000}).encode()
    run_id = uuid4()
    for published in range(300):
        if session.ending is not None:
            return published
        await instance.streams.publisher.publish(
            thread_id=thread_id, run_id=run_id, event=event, terminal=False
        )
    pytest.fail("a client that does not read was never felt")


@both
async def test_a_slow_consumer_is_cut_off_and_resumes_without_loss(
    valkey_url: str, protocol_class: ProtocolClass
) -> None:
    limits = SocketLimits(
        protocol_class=protocol_class, outbound_frames=8, outbound_bytes=1_000_000,
        close_seconds=0.5,
    )  # fmt: skip
    async with running(valkey_url, limits) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with connected(instance.url, token, max_queue=1) as client:
            answer = await client.initialize(subscriptions=[{"threadId": str(thread_id)}])
            published = await publish_until_overflow(instance, thread_id)
            await until(lambda: instance.gateway.registry.open_count == 0)
            # What had left the server before arrives; then the close, or the end of its deadline.
            assert (await client.closed())[0] in {4413, 1006}
        received = [json.loads(text)["params"] for side, text in client.transcript
                    if side == "server" and '"thread.event"' in text]  # fmt: skip
        last = {"epoch": answer["subscriptions"][0]["epoch"], "offset": len(received)}
        assert [event["offset"] for event in received] == list(range(1, len(received) + 1))
        async with ready(
            instance.url, token, subscriptions=[{"threadId": str(thread_id), "position": last}]
        ) as resumed:
            for offset in range(len(received) + 1, published + 1):
                assert (await resumed.notification())["params"]["offset"] == offset
