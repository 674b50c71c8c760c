"""What comes in through the door: sockets to the gateway, the rest to the application."""

import asyncio
import json

import httpx
import pytest
import websockets
from websockets import Subprotocol

from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_both_addresses_reach_the_gateway_and_http_the_application(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        for path in ("/ws", "/websocket"):
            async with connected(instance.url.replace("/ws", path), token) as client:
                assert (await client.initialize())["protocolVersion"] == 1
        plain = instance.url.replace("ws://", "http://")
        async with httpx.AsyncClient() as http:
            assert (await http.get(plain)).status_code == 426
            assert (await http.get(plain + "/nothing")).status_code == 404


async def test_a_refusal_carries_the_callers_trace_id(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(
                instance.url,
                subprotocols=[Subprotocol("jwt-auth"), Subprotocol("jwt.a.b.c")],
                additional_headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
            ).__aenter__()
        assert refused.value.response.headers["x-trace-id"] == TRACE
        assert json.loads(refused.value.response.body or b"")["code"] == "token_invalid"


async def test_a_body_is_bounded_before_anybody_asks_who_sends_it(valkey_url: str) -> None:
    async with running(valkey_url, SocketLimits(max_body_bytes=1000, body_seconds=0.2)) as instance:
        plain = instance.url.replace("ws://", "http://")
        async with httpx.AsyncClient() as http:
            assert (await http.post(plain, content=b"x" * 1000)).status_code == 405
            assert (await http.post(plain, content=b"x" * 1001)).status_code == 413
        address = httpx.URL(plain)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
        async with asyncio.timeout(10):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            await reader.read()  # to the end: the connection cannot be used again
        writer.close()
