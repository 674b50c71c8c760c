"""Fetches an image for a person without a trace of that person."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx

from netra_backend.app.images.addresses import Lookup, Target, checked_address, look_up
from netra_backend.app.images.kinds import ACCEPT, ImageUnsuitable, check_declared, kind_of
from netra_backend.app.images.settings import ImageSettings
from netra_shared.errors import NetraError, RateLimited, RetryClass

BUSY_SECONDS = 1.0  # most images take less
# Neither a cookie, a referrer nor an address of the person: the sender sees Netra only. Without a
# content coding, a small answer cannot become a large one.
_HEADERS = {"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "Netra-Image-Proxy"}


class ImageUnavailable(NetraError):
    """The sender of an image cannot be reached, refused, or did not answer in time."""

    code = "image_unavailable"
    status = 502
    retry = RetryClass.BACKOFF
    title = "Image unavailable"


@dataclass(frozen=True, slots=True)
class Image:
    """An image. ``kind`` is its content type, found from its first bytes."""

    kind: str
    content: bytes


class ImageFetcher:
    """Fetches images within the bounds of ``settings``.

    Args:
        settings: the bounds.
        lookup: finds the addresses of a host.
        transport: of tests; the network by default.
    """

    def __init__(
        self,
        settings: ImageSettings,
        lookup: Lookup = look_up,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._lookup = lookup
        # A transport has no cookies, no proxies of the environment, and follows no redirect.
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=settings.concurrent, max_keepalive_connections=0)
        )
        self._active: Counter[UUID] = Counter()

    async def fetch(self, url: str, *, user_id: UUID) -> Image:
        """Return the image at ``url``.

        Raises:
            ImageAddressRefused: the address, or that of a redirect, is not a public one.
            ImageUnsuitable: no image, another format, or more than ``max_bytes``.
            ImageUnavailable: the sender does not answer within ``fetch_seconds``, or refuses.
            RateLimited: too many images are fetched at this moment.
        """
        with self._slot(user_id):
            try:
                async with asyncio.timeout(self._settings.fetch_seconds):
                    return await self._follow(url)
            except TimeoutError as error:
                raise ImageUnavailable(
                    f"The image did not arrive within {self._settings.fetch_seconds:g} s."
                ) from error
            except (httpx.HTTPError, OSError, UnicodeError) as error:
                raise ImageUnavailable("The host of the image cannot be reached.") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    @contextmanager
    def _slot(self, user_id: UUID) -> Iterator[None]:
        limits = self._settings
        if (
            self._active[user_id] >= limits.concurrent_per_user
            or self._active.total() >= limits.concurrent
        ):
            raise RateLimited("Too many images at this moment.", retry_after=BUSY_SECONDS)
        self._active[user_id] += 1
        try:
            yield
        finally:
            self._active[user_id] -= 1
            if not self._active[user_id]:
                del self._active[user_id]

    async def _follow(self, url: str) -> Image:
        here: httpx.URL | str = url
        for _ in range(self._settings.max_redirects + 1):
            target = Target.parse(here, private_hosts=self._settings.private_hosts)
            address = await checked_address(target, self._lookup)
            response = await self._transport.handle_async_request(_request(target, address))
            try:
                if not response.has_redirect_location:
                    return await self._read(response)
                here = target.url.join(response.headers["location"])
            except httpx.InvalidURL as error:
                raise ImageUnavailable("The host redirects to no address.") from error
            finally:
                await response.aclose()
        raise ImageUnavailable(f"More than {self._settings.max_redirects} redirects.")

    async def _read(self, response: httpx.Response) -> Image:
        if response.status_code != httpx.codes.OK:
            raise ImageUnavailable(f"The host answered with status {response.status_code}.")
        check_declared(response.headers.get("content-type", ""))
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ImageUnsuitable("The host compressed the image although this was not requested.")
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > self._settings.max_bytes:
                raise ImageUnsuitable(
                    f"The image is larger than {self._settings.max_bytes / 2**20:g} MiB."
                )
        return Image(kind_of(bytes(content)), bytes(content))


def _request(target: Target, address: str) -> httpx.Request:
    """Return the request to ``address``; certificate and Host are checked for the host's name."""
    timeouts = httpx.Timeout(None)  # `fetch_seconds` bounds the whole
    return httpx.Request(
        "GET",
        target.url.copy_with(host=address, fragment=None),
        headers=_HEADERS | {"Host": target.url.netloc.decode("ascii")},
        extensions={"sni_hostname": target.host, "timeout": timeouts.as_dict()},
    )
