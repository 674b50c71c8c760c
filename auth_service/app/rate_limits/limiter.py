"""Rate limits that all instances share, and what happens without the store they share.

Sliding window counters in Valkey survive a restart of this service and count across instances.
While Valkey is away each process counts for itself (``fallback``): an attacker then gets at most
the limit once more per instance, and nobody is locked out because of an outage.
"""

import time
from dataclasses import dataclass

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
    "auth_rate_limit_fallback_total", "Limits counted in this process because Valkey was away."
)
FALLBACK_ACTIVE = Gauge("auth_rate_limit_fallback_active", "1 while limits are per process.")

KEY_PREFIX = "netra:auth:limit"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """A named rate, e.g. ``login_per_account``."""

    name: str
    rate: RateLimitItem

    @classmethod
    def of(cls, name: str, text: str) -> "Limit":
        """Return the limit written like ``20 per 5 minute``."""
        return cls(name, parse(text))


class RateLimiter:
    """Counts attempts.

    Args:
        valkey: keeps the counts; its connection pool is shared.
        fallback_seconds: how long after a failure Valkey is left alone, so that an outage does
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
                ``limit`` which one it was. A refused attempt is not counted.
        """
        wait = await self._acquire(limit, subject)
        if wait is not None:
            REFUSED.labels(limit.name).inc()
            raise TooManyAttempts(
                f"Too many attempts; wait {wait:.0f} s.", retry_after=wait, limit=limit.name
            )

    async def forgive(self, limit: Limit, subject: str) -> None:
        """Forget what was counted."""
        if self.is_fallen_back():
            await self._own.clear(limit.rate, limit.name, subject)
            return
        try:
            await self._shared.clear(limit.rate, limit.name, subject)
        except (RedisError, OSError, TimeoutError) as error:
            self._fall_back(error)

    def is_fallen_back(self) -> bool:
        """True while Valkey is left alone after a failure."""
        return time.monotonic() < self._retry_at

    async def _acquire(self, limit: Limit, subject: str) -> float | None:
        if not self.is_fallen_back():
            try:
                wait = await _hit(self._shared, limit, subject)
            except (RedisError, OSError, TimeoutError) as error:
                self._fall_back(error)
            else:
                self._recover()
                return wait
        FALLBACKS.inc()
        return await _hit(self._own, limit, subject)

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


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, limit: Limit, subject: str
) -> float | None:
    """Count one attempt; return ``None``, or the seconds until the next is welcome."""
    if await limiter.hit(limit.rate, limit.name, subject):
        return None
    stats = await limiter.get_window_stats(limit.rate, limit.name, subject)
    return max(1.0, stats.reset_time - time.time())


def _storage(valkey: Redis | ValkeyCluster) -> RedisStorage:
    """Return the counters' storage; of a cluster the library must make its own client."""
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
