"""The image proxy against a host on a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from netra_backend.app.images.addresses import ImageAddressRefused, look_up
from netra_backend.app.images.fetcher import ImageFetcher, ImageUnavailable
from netra_backend.app.images.kinds import ImageUnsuitable
from netra_backend.app.images.settings import ImageSettings
from netra_backend.tests.unit.images.conftest import PNG, ImageHost, answer
from netra_shared.errors import RateLimited
from test_framework.waiting import eventually

USER = uuid4()


@asynccontextmanager
async def fetcher_for(host: ImageHost, **bounds: Any) -> AsyncIterator[ImageFetcher]:
    permitted = frozenset({f"127.0.0.1:{host.port}"})
    fetcher = ImageFetcher(ImageSettings(private_hosts=permitted, **bounds))
    try:
        yield fetcher
    finally:
        await fetcher.close()


async def test_an_image_arrives_and_the_host_learns_nothing(image_host: ImageHost) -> None:
    image_host.answers["/a.png?x=1"] = answer(extra="Set-Cookie: seen=1\r\n")
    async with fetcher_for(image_host) as fetcher:
        url = image_host.url("/a.png?x=1#part")
        await fetcher.fetch(url, user_id=USER)
        image = await fetcher.fetch(url, user_id=USER)  # would return a cookie
    assert (image.kind, image.content) == ("image/png", PNG)
    sent = {line.partition(":")[0].lower() for line in image_host.requests[1].splitlines()[1:-1]}
    assert sent == {"accept", "accept-encoding", "user-agent", "host"}


async def test_a_redirect_is_followed(image_host: ImageHost) -> None:
    image_host.answers["/old"] = answer(b"", status="302 Found", extra="Location: /new\r\n")
    image_host.answers["/new"] = answer()
    async with fetcher_for(image_host) as fetcher:
        assert (await fetcher.fetch(image_host.url("/old"), user_id=USER)).content == PNG


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/computeMetadata/v1/",
        "http://localhost/",
        "http://[::1]/",
        "file:///etc/passwd",
        "//127.0.0.1/a.png",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(
    location: str, image_host: ImageHost
) -> None:
    extra = f"Location: {location}\r\n"
    image_host.answers["/a"] = answer(b"", status="302 Found", extra=extra)
    async with fetcher_for(image_host) as fetcher:
        with pytest.raises(ImageAddressRefused):
            await fetcher.fetch(image_host.url("/a"), user_id=USER)


async def test_redirects_are_bounded(image_host: ImageHost) -> None:
    image_host.answers["/a"] = answer(b"", status="302 Found", extra="Location: /a\r\n")
    async with fetcher_for(image_host, max_redirects=2) as fetcher:
        with pytest.raises(ImageUnavailable, match="2 redirects"):
            await fetcher.fetch(image_host.url("/a"), user_id=USER)
    assert len(image_host.requests) == 3


async def test_it_connects_to_the_address_that_was_checked(image_host: ImageHost) -> None:
    """A second look-up with another answer (DNS rebinding) does not happen."""
    image_host.answers["/a.png"] = answer()
    looked_up: list[str] = []

    async def lookup(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    name = f"images.example:{image_host.port}"
    fetcher = ImageFetcher(ImageSettings(private_hosts=frozenset({name})), lookup)
    try:
        await fetcher.fetch(image_host.url("/a.png", "images.example"), user_id=USER)
    finally:
        await fetcher.close()
    assert looked_up == ["images.example"]
    assert f"Host: {name}\r\n" in image_host.requests[0]


@pytest.mark.parametrize(
    ("sent", "bound"),
    [
        (lambda: answer(b"<html>", kind="text/html"), "text/html"),
        (lambda: answer(b"<svg/>", kind="image/svg+xml"), "svg"),
        (lambda: answer(b"<html>"), "not a PNG"),
        (lambda: answer(PNG + b"\0" * 2000), "larger"),
        (lambda: answer(extra="Content-Encoding: gzip\r\n"), "compressed"),
    ],
    ids=["html", "svg", "false type", "large", "compressed"],
)
async def test_other_content_is_refused(
    sent: Callable[[], bytes], bound: str, image_host: ImageHost
) -> None:
    image_host.answers["/a"] = sent()
    async with fetcher_for(image_host, max_bytes=1024) as fetcher:
        with pytest.raises(ImageUnsuitable, match=bound):
            await fetcher.fetch(image_host.url("/a"), user_id=USER)


async def test_a_refusing_a_broken_and_an_absent_host(image_host: ImageHost) -> None:
    image_host.answers["/404"] = answer(b"", status="404 Not Found")
    image_host.answers["/broken"] = b"not HTTP\r\n\r\n"

    async def lookup(host: str, port: int) -> Sequence[str]:
        if host == "absent.example":
            raise OSError(host)
        return await look_up(host, port)

    permitted = frozenset({f"127.0.0.1:{image_host.port}"})
    fetcher = ImageFetcher(ImageSettings(private_hosts=permitted), lookup)
    urls = [image_host.url("/404"), image_host.url("/broken"), "http://absent.example/"]
    try:
        for url in urls:
            with pytest.raises(ImageUnavailable):
                await fetcher.fetch(url, user_id=USER)
    finally:
        await fetcher.close()


async def test_a_silent_host_costs_the_deadline(image_host: ImageHost) -> None:
    async with fetcher_for(image_host, fetch_seconds=0.1) as fetcher:
        with pytest.raises(ImageUnavailable, match="within"):
            await fetcher.fetch(image_host.url("/silent"), user_id=USER)


async def test_one_user_cannot_occupy_the_proxy(image_host: ImageHost) -> None:
    image_host.answers["/a.png"] = answer()
    async with fetcher_for(image_host, concurrent_per_user=1, concurrent=2) as fetcher:
        silent = asyncio.create_task(fetcher.fetch(image_host.url("/silent"), user_id=USER))
        await eventually(lambda: len(image_host.requests) == 1)
        with pytest.raises(RateLimited):
            await fetcher.fetch(image_host.url("/a.png"), user_id=USER)
        assert (await fetcher.fetch(image_host.url("/a.png"), user_id=uuid4())).content == PNG
        image_host.closing.set()
        with pytest.raises(ImageUnavailable):
            await silent
        assert (await fetcher.fetch(image_host.url("/a.png"), user_id=USER)).content == PNG
