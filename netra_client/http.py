"""One HTTP exchange: deadline, refusals as exceptions, retries where repeating is harmless."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from netra_client.codes import RetryClass
from netra_client.errors import ConnectionLost, HttpRefused, NetraClientError, ProtocolViolation
from netra_client.handshake import http_refused
from netra_client.retry import backoff_delay
from netra_client.text import well_formed
from netra_client.timeouts import ClientTimeouts, deadline

# Three attempts with up to 0.25 s and 0.5 s between: hides one lost connection or one instance
# that is being replaced, and still answers a person within about a second.
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.25
MAX_PAUSE_SECONDS = 5.0

ShapeType = TypeVar("ShapeType")


class HttpTransport:
    """Sends requests to one origin.

    Args:
        base_url: scheme, host and port, for example ``http://localhost:8080``.
        timeouts: ``http`` bounds each exchange.
    """

    def __init__(self, base_url: str, timeouts: ClientTimeouts) -> None:
        self._timeouts = timeouts
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeouts.http,
            follow_redirects=False,  # a redirect would carry the credential to another origin
            headers={"Accept": "application/json"},
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
        token: str | None = None,
        repeatable: bool = False,
    ) -> bytes:
        """Return the body of the answer.

        Args:
            method: of HTTP, in capitals.
            path: absolute path, without query.
            body: sent as JSON when it is not None.
            query: parameters of the URL; never a credential.
            token: sent as ``Authorization: Bearer``.
            repeatable: sending it twice has the effect of sending it once, so it may be retried.

        Raises:
            HttpRefused: any status from 300 on.
            ConnectionLost: the origin cannot be reached.
            DeadlinePassed: ``http``.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._exchange(method, path, body, query, token)
            except NetraClientError as error:
                last = attempt == ATTEMPTS
                if last or not repeatable or error.retry is not RetryClass.BACKOFF:
                    raise
                if (error.retry_after or 0.0) > MAX_PAUSE_SECONDS:
                    raise
                await asyncio.sleep((error.retry_after or 0.0) + _pause(attempt))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _exchange(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, str | int] | None,
        token: str | None,
    ) -> bytes:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None
        if body is not None:
            content = msgspec.json.encode(well_formed(body))
            headers["Content-Type"] = "application/json"
        try:
            async with deadline("http", self._timeouts.http):
                response = await self._http.request(
                    method, path, content=content, params=well_formed(query), headers=headers
                )
        except httpx.TimeoutException as error:
            raise ConnectionLost(f"{method} {path} timed out") from error
        except httpx.HTTPError as error:
            raise ConnectionLost(
                f"Cannot reach {self._http.base_url}: {str(error) or type(error).__name__}"
            ) from error
        if response.status_code >= 300:  # noqa: PLR2004  redirects are refused too, see above
            raise http_refused(response.status_code, response.headers, response.content)
        return response.content


def parse(content: bytes, shape: type[ShapeType]) -> ShapeType:
    """Return ``content`` as ``shape``.

    Raises:
        ProtocolViolation: it does not have that shape.
    """
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as error:
        raise ProtocolViolation(f"An answer cannot be read: {error}") from None


def is_unauthenticated(error: NetraClientError) -> bool:
    """Return whether a fresh access token could turn ``error`` into an answer."""
    return isinstance(error, HttpRefused) and error.retry is RetryClass.AFTER_REFRESH


def _pause(attempt: int) -> float:
    jitter = random.random()  # noqa: S311  spreads load, guards nothing
    return backoff_delay(attempt, jitter, first=FIRST_PAUSE_SECONDS, cap=MAX_PAUSE_SECONDS)
