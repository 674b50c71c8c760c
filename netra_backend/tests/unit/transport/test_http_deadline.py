"""Heads of requests have bounds in time and size, on fresh connections and on reused ones."""

import asyncio
from typing import Any

from netra_backend.app.transport.http_deadline import DeadlineHttpProtocol
from netra_backend.tests.unit.transport.served import dialled, served
from test_framework.stolen_time import undisturbed


class Hasty(DeadlineHttpProtocol):
    head_seconds = 0.3
    max_head_bytes = 2000


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    await send(start)
    await send({"type": "http.response.body", "body": b"hi"})


async def test_a_client_of_slow_headers_is_cut_off() -> None:
    async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")

        async def trickle() -> None:
            while True:
                client.writer.write(b"x-a: b\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        try:
            answer = await client.ended()
        finally:
            trickling.cancel()
        assert answer.startswith(b"HTTP/1.1 408 ") or answer == b""  # a reset may swallow it


async def test_a_silent_client_gets_the_reason() -> None:
    async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
        assert (await client.ended()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_head_that_grows_without_end_is_refused() -> None:
    async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\n" + b"x-a: b\r\n" * 300)
        assert (await client.ended()).startswith(b"HTTP/1.1 431 ")


async def test_an_idle_connection_between_requests_lives_and_its_next_head_has_a_deadline() -> None:
    async def attempt() -> None:
        async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
            request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
            for _ in range(2):
                client.writer.write(request)
                async with asyncio.timeout(5):
                    assert (await client.reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200 ")
                await asyncio.sleep(0.5)
            client.writer.write(request[:20])
            assert (await client.ended()).startswith(b"HTTP/1.1 408 ")

    await undisturbed(attempt, deadline=Hasty.head_seconds)


async def test_a_large_head_in_one_read_is_refused_before_the_application() -> None:
    async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx-a: " + b"b" * 3000 + b"\r\n\r\n")
        assert (await client.ended()).startswith(b"HTTP/1.1 431 ")


async def test_a_large_body_does_not_count_as_head() -> None:
    async with served(hello, http=Hasty) as (port, _), dialled(port) as client:
        head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n"
        client.writer.write(head + b"b" * 5000)
        async with asyncio.timeout(5):
            assert (await client.reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200 ")
