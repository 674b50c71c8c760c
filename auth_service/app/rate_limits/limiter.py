"""Rate limits shared by all instances, with a fallback to limits per process.

Sliding window counters in Valkey survive a restart of this service and count across instances.
While Valkey is unavailable each process counts by itself: an attacker gets at most the limit once
more per instance, and an outage locks no one out.
"""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisClusterStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from prometheus_client import Counter, Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.errors import TooManyAttempts
from netra_shared.logging import get_logger
from netra_shared.stores.valkey_cluster import ValkeyCluster

REFUSED = Counter("auth_rate_limited_total", "Requests refused, by the limit's name.", ["limit"])
FALLBACKS = Counter(
    "auth_rate_limit_fallback_total",
    "Limits counted in this process because Valkey was unavailable.",
)
FALLBACK_ACTIVE = Gauge("auth_rate_limit_fallback_active", "1 while limits are per process.")

KEY_PREFIX = "netra:auth:limit"

_AnswerT = TypeVar("_AnswerT")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """A named rate, e.g. ``login_per_account``."""

    name: str
    rate: RateLimitItem

    @classmethod
    def of(cls, name: str, text: str) -> "Limit":
        """Return the limit for a rate such as ``20 per 5 minute``."""
        return cls(name, parse(text))


class RateLimiter:
    """Counts attempts.

    Args:
        valkey: stores the counts; its connection pool is shared.
        fallback_seconds: how long Valkey is not asked after a failure, so that an outage does
            not cost every request a deadline.
    """

    def __init__(self, valkey: Redis, *, fallback_seconds: float) -> None:
        self._shared = SlidingWindowCounterRateLimiter(_storage(valkey))
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._fallback_seconds = fallback_seconds
        self._retry_at = 0.0

    async def acquire(self, limit: Limit, subject: str) -> None:
        """Count one attempt.

        Raises:
            TooManyAttempts: the limit is exhausted; ``retry_after`` says for how long, and
                ``limit`` which limit. A refused attempt is not counted.
        """
        if not await self._ask(lambda limiter: limiter.hit(limit.rate, limit.name, subject)):
            await self._refuse(limit, subject)

    async def require(self, limit: Limit, subject: str) -> None:
        """Raise when a limit is exhausted; count nothing.

        Raises:
            TooManyAttempts: as in ``acquire``.
        """
        if not await self.has_room(limit, subject):
            await self._refuse(limit, subject)

    async def has_room(self, limit: Limit, subject: str) -> bool:
        """Return whether one more attempt would be accepted; count nothing."""
        return await self._ask(lambda limiter: limiter.test(limit.rate, limit.name, subject))

    async def count(self, limit: Limit, subject: str) -> None:
        """Count one attempt that has already happened."""
        await self._ask(lambda limiter: limiter.hit(limit.rate, limit.name, subject))

    async def forgive(self, limit: Limit, subject: str) -> None:
        """Forget the attempts of ``subject``."""
        await self._ask(lambda limiter: limiter.clear(limit.rate, limit.name, subject))

    def is_fallen_back(self) -> bool:
        """Return whether Valkey is not asked because of a recent failure."""
        return time.monotonic() < self._retry_at

    async def _ask(
        self, question: Callable[[SlidingWindowCounterRateLimiter], Awaitable[_AnswerT]]
    ) -> _AnswerT:
        """Ask the shared counters, or those of this process while Valkey is unavailable."""
        if not self.is_fallen_back():
            try:
                answer = await question(self._shared)
            except (RedisError, OSError, TimeoutError) as error:
                self._fall_back(error)
            else:
                self._recover()
                return answer
        FALLBACKS.inc()
        return await question(self._own)

    async def _refuse(self, limit: Limit, subject: str) -> NoReturn:
        """Raise the refusal, with a retry time up to half a window after the next free place.

        The spread keeps clients that were refused together from returning together: places become
        free one by one over the following window.
        """
        counters = self._own if self.is_fallen_back() else self._shared
        try:
            stats = await counters.get_window_stats(limit.rate, limit.name, subject)
        except (RedisError, OSError, TimeoutError) as error:
            self._fall_back(error)
            stats = await self._own.get_window_stats(limit.rate, limit.name, subject)
        spread = random.uniform(0, limit.rate.get_expiry() / 2)  # noqa: S311  # not a secret
        wait = max(1.0, stats.reset_time - time.time()) + spread
        REFUSED.labels(limit.name).inc()
        raise TooManyAttempts(
            f"Too many attempts; try again in {wait:.0f} s.", retry_after=wait, limit=limit.name
        )

    def _fall_back(self, error: Exception) -> None:
        self._retry_at = time.monotonic() + self._fallback_seconds
        FALLBACK_ACTIVE.set(1)
        _log.warning(
            "rate limits fall back to this process",
            error_type=type(error).__name__,
            error=str(error),
            retry_in_seconds=self._fallback_seconds,
        )

    def _recover(self) -> None:
        if self._retry_at:
            self._retry_at = 0.0
            FALLBACK_ACTIVE.set(0)
            _log.info("rate limits are shared again")


def _storage(valkey: Redis | ValkeyCluster) -> RedisStorage:
    """Return the storage of the counters; for a cluster the library creates its own client."""
    if isinstance(valkey, ValkeyCluster):
        return RedisClusterStorage(
            f"async+redis+cluster://{valkey.host}:{valkey.port}",
            implementation="redispy",
            key_prefix=KEY_PREFIX,
            **valkey.options,
        )
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix=KEY_PREFIX,
        connection_pool=valkey.connection_pool,  # type: ignore[arg-type]  # documented by limits
    )
