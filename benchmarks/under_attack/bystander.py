"""A bystander: one account that pings, lists threads, opens sockets, runs and asks for readiness.

Each kind of request has a loop of its own with a fixed pause, so that a slow kind does not take the
samples of another one. A request that fails counts as a failure and has no latency.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from netra_client import FixedToken, NetraClient
from netra_client.errors import NetraClientError

KINDS = ("ping", "REST", "open", "run", "readiness")
# Below the 20 commands a second of a socket, which a run uses too.
PAUSES = {"ping": 0.08, "REST": 0.05, "open": 0.15, "run": 0.2, "readiness": 0.05}
REQUEST_SECONDS = 10.0  # a request that takes longer has failed


@dataclass
class Samples:
    """Latencies of one kind, in seconds, and failures."""

    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    def quantile(self, percent: int) -> float | None:
        """Return a percentile in milliseconds; None with fewer than two samples."""
        if len(self.seconds) < 2:
            return None
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000


Measured = dict[str, Samples]


class Bystander:
    """Measures.

    Args:
        url: of the platform.
        token: the account's access token.
        client: the account's open socket.
    """

    def __init__(self, url: str, token: str, client: NetraClient) -> None:
        self._url, self._token, self._client = url, token, client

    async def measure(self, seconds: float) -> Measured:
        """Return the samples of every kind of request within ``seconds``."""
        async with httpx.AsyncClient(base_url=self._url, timeout=REQUEST_SECONDS) as http:
            self._http = http
            self._thread = (await self._client.threads.create()).id  # a run's cost grows in it
            actions: dict[str, Callable[[], Awaitable[None]]] = {
                "ping": self._ping,
                "REST": self._rest,
                "open": self._open,
                "run": self._run,
                "readiness": self._readiness,
            }
            until = time.monotonic() + seconds
            loops = [_loop(actions[kind], PAUSES[kind], until) for kind in KINDS]
            return dict(zip(KINDS, await asyncio.gather(*loops), strict=True))

    async def _ping(self) -> None:
        await self._client.ping()

    async def _rest(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        (await self._http.get("/api/threads", headers=headers)).raise_for_status()

    async def _open(self) -> None:
        async with NetraClient(self._url, FixedToken(self._token)) as client:
            await client.ping()

    async def _run(self) -> None:
        await self._client.run(self._thread, "words=3").answer()

    async def _readiness(self) -> None:
        (await self._http.get("/health/ready")).raise_for_status()


async def _loop(action: Callable[[], Awaitable[None]], pause: float, until: float) -> Samples:
    samples = Samples()
    while time.monotonic() < until:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await action()
        except (NetraClientError, httpx.HTTPError, TimeoutError):
            samples.failures += 1
        else:
            samples.seconds.append(time.perf_counter() - started)
        await asyncio.sleep(pause)
    return samples
