import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from netra_shared.http.body_limit import BodyLimit


async def echo(_scope: object, receive: object, send: object) -> None:
    body, more = b"", True
    while more:
        message = await receive()  # type: ignore[operator]
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": body})  # type: ignore[operator]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    limited = BodyLimit(echo, max_bytes=10, seconds=0.05)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(limited), base_url="http://service.test"
    ) as client:
        yield client


async def in_chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_passes_bodies_on_whole(http: httpx.AsyncClient) -> None:
    assert (await http.get("/")).content == b""
    assert (await http.post("/", content=b"0123456789")).content == b"0123456789"
    assert (await http.post("/", content=in_chunks(b"01", b"", b"23"))).content == b"0123"


@pytest.mark.parametrize("announced", [True, False])
async def test_refuses_one_byte_more(http: httpx.AsyncClient, announced: bool) -> None:  # noqa: FBT001
    content = b"0123456789a" if announced else in_chunks(b"0123456789", b"a")
    answer = await http.post("/", content=content)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
    assert answer.headers["connection"] == "close"


async def test_refuses_a_body_that_does_not_arrive(http: httpx.AsyncClient) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"0"
        await asyncio.Event().wait()

    answer = await http.post("/", content=stalled())
    assert (answer.status_code, answer.json()["code"]) == (408, "request_too_slow")
