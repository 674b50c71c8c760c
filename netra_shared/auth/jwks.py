"""The issuer's public keys, fetched over HTTP and cached.

An unknown key id causes a fetch, at most one per ``MIN_REFRESH_SECONDS``, so that forged key ids
cannot overload the issuer. Cached keys stay usable while the issuer is unavailable; they are then
refreshed in the background, and no request waits for it.
"""

import asyncio
import time

import httpx
import jwt

from netra_shared.errors import Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.task_end import end_task

FETCH_SECONDS = 2.0  # the whole fetch; a handshake waits for it once per unknown key
MIN_REFRESH_SECONDS = 5.0
MAX_AGE_SECONDS = 300.0  # a withdrawn key is accepted at most this long

_log = get_logger(__name__)


class JwksUnavailable(Unavailable):
    """The issuer's keys cannot be read and none is cached."""

    code = "jwks_unavailable"
    title = "Token keys unavailable"


class JwksCache:
    """Keys by ``kid`` from one JWKS document (RFC 7517).

    Args:
        url: address of the document.
        client: an HTTP client owned by the caller; the cache creates its own when absent.
        max_age: seconds after which keys are read again.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient | None = None,
        *,
        max_age: float = MAX_AGE_SECONDS,
    ) -> None:
        self._url = url
        self._client = client or httpx.AsyncClient(timeout=FETCH_SECONDS)
        self._owns_client = client is None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._max_age = max_age
        self._fetched_at = -max_age
        self._attempted_at = -MIN_REFRESH_SECONDS
        self._answers = True  # whether the last fetch succeeded
        self._lock = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None

    @property
    def known(self) -> int:
        """The number of cached keys."""
        return len(self._keys)

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return the key called ``kid``, fetching the document if needed.

        Raises:
            JwksUnavailable: no key is cached and the issuer does not answer.
        """
        if kid not in self._keys:
            await self._refresh_once()
        elif time.monotonic() - self._fetched_at > self._max_age:
            if self._answers:
                await self._refresh_once()
            else:
                self._refresh_behind()
        if not self._keys:
            raise JwksUnavailable(
                "The issuer's keys are unavailable and none is cached.", retry_after=1.0
            )
        return self._keys.get(kid)

    async def refresh(self) -> int:
        """Fetch now and return the number of keys.

        Raises:
            JwksUnavailable: the issuer does not answer, or its answer is not a key set.
        """
        self._attempted_at = time.monotonic()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                response = await self._client.get(self._url)
            response.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        # AttributeError: JSON that is not an object.
        except (httpx.HTTPError, TimeoutError, ValueError, AttributeError, jwt.PyJWTError) as error:
            self._answers = False
            raise JwksUnavailable(
                f"{self._url} did not return a key set: {type(error).__name__}", retry_after=1.0
            ) from error
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fetched_at = time.monotonic()
        self._answers = True
        return len(self._keys)

    async def _refresh_once(self) -> None:
        async with self._lock:
            if time.monotonic() - self._attempted_at < MIN_REFRESH_SECONDS:
                return
            try:
                await self.refresh()
            except JwksUnavailable as error:
                _log.warning("jwks refresh failed", url=self._url, error=error.detail)

    def _refresh_behind(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._refresh_once(), name="jwks-refresh")

    async def close(self) -> None:
        """Cancel a fetch in flight; close the HTTP client if this cache created it."""
        if self._asking is not None:
            await end_task(self._asking)
        if self._owns_client:
            await self._client.aclose()
