import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from netra_ops.deploy.verify.door import Door, Route, route_of
from netra_ops.services.loopback import LOOPBACK, free_port


@pytest.fixture
async def mirror() -> AsyncIterator[str]:
    """A server that answers with the head that it got."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = f"Content-Length: {len(head)}\r\n".encode()
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + head)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    async with server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"


async def test_a_request_arrives_with_the_host_and_the_credential(mirror: str) -> None:
    routes = [Route("/", mirror, "candidate.netra.test")]
    async with Door(routes, {"X-Candidate": "key"}) as door, httpx.AsyncClient() as http:
        answer = await http.get(f"{door.url}/health", headers={"X-Candidate": "forged"})

    assert "Host: candidate.netra.test\r\n" in answer.text
    assert "X-Candidate: key\r\n" in answer.text
    assert "forged" not in answer.text


async def test_a_revision_that_is_not_there_is_a_bad_gateway() -> None:
    routes = [Route("/", f"http://{LOOPBACK}:{free_port()}")]
    async with Door(routes) as door, httpx.AsyncClient() as http:
        assert (await http.get(door.url)).status_code == httpx.codes.BAD_GATEWAY


async def test_an_idle_client_does_not_keep_the_door_open() -> None:
    async with Door([Route("/", "http://127.0.0.1:1")]) as door:
        port = int(door.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection(LOOPBACK, port)

    assert await reader.read() == b""
    writer.close()


def test_the_longest_prefix_wins() -> None:
    routes = [Route("/", "http://b"), Route("/api/auth", "http://a")]

    assert route_of(routes, "/api/auth/login?next=/") == routes[1]
    assert route_of(routes, "/ws") == routes[0]
    assert route_of([], "/ws") is None
    assert Route("/", "http://127.0.0.1:80").host_header == "127.0.0.1:80"


def test_a_closed_door_has_no_address() -> None:
    with pytest.raises(RuntimeError, match="closed"):
        _ = Door([]).url
