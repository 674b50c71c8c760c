import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from auth_service.app.errors import TooManyAttempts
from auth_service.app.rate_limits.limiter import Limit, RateLimiter
from test_framework.stolen_time import undisturbed

LIMIT = Limit.of("login_per_account", "3 per 1 minute")


def client(url: str, seconds: float = 2.0) -> Redis:
    made: Redis = Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
    return made


@pytest.fixture
async def valkey_client(valkey_url: str) -> AsyncIterator[Redis]:
    made = client(valkey_url)
    yield made
    await made.aclose()


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def fallbacks() -> float:
    return REGISTRY.get_sample_value("auth_rate_limit_fallback_total") or 0.0


async def exhaust(limiter: RateLimiter, subject: str) -> int:
    for accepted in range(100):
        try:
            await limiter.acquire(LIMIT, subject)
        except TooManyAttempts:
            return accepted
    return 100


async def test_an_exhausted_limit_is_refused_with_a_retry_time(valkey_client: Redis) -> None:
    limiter = RateLimiter(valkey_client, fallback_seconds=5)
    assert await exhaust(limiter, "ada") == 3
    with pytest.raises(TooManyAttempts) as refused:
        await limiter.acquire(LIMIT, "ada")
    assert refused.value.fields == {"limit": "login_per_account"}
    assert refused.value.retry_after is not None
    assert 1 <= refused.value.retry_after <= 60 + 30
    await limiter.acquire(LIMIT, "grace")


async def test_asking_for_room_counts_nothing(valkey_client: Redis) -> None:
    limiter = RateLimiter(valkey_client, fallback_seconds=5)
    for _ in range(5):
        assert await limiter.has_room(LIMIT, "ada")
        await limiter.require(LIMIT, "ada")
    for _ in range(5):
        await limiter.count(LIMIT, "ada")
    assert not await limiter.has_room(LIMIT, "ada")
    with pytest.raises(TooManyAttempts):
        await limiter.require(LIMIT, "ada")


async def test_counts_survive_a_restart_and_are_shared(valkey_client: Redis) -> None:
    first = RateLimiter(valkey_client, fallback_seconds=5)
    await first.acquire(LIMIT, "ada")
    restarted = RateLimiter(valkey_client, fallback_seconds=5)
    assert await exhaust(restarted, "ada") == 2
    assert await exhaust(first, "ada") == 0


async def test_forgiving_resets_the_count(valkey_client: Redis) -> None:
    limiter = RateLimiter(valkey_client, fallback_seconds=5)
    await exhaust(limiter, "ada")
    await limiter.forgive(LIMIT, "ada")
    assert await exhaust(limiter, "ada") == 3


async def test_without_valkey_the_process_counts_for_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    refusing = client(f"redis://127.0.0.1:{port}/0")
    limiter = RateLimiter(refusing, fallback_seconds=60)
    before = fallbacks()
    assert await exhaust(limiter, "ada") == 3
    assert fallbacks() == before + 4
    assert REGISTRY.get_sample_value("auth_rate_limit_fallback_active") == 1
    await limiter.forgive(LIMIT, "ada")
    assert await exhaust(limiter, "ada") == 3
    await refusing.aclose()


async def test_a_silent_valkey_costs_one_deadline_and_not_one_per_request(silent_url: str) -> None:
    async def attempt() -> None:
        silent = client(silent_url, seconds=0.3)
        limiter = RateLimiter(silent, fallback_seconds=60)
        started = time.monotonic()
        assert await exhaust(limiter, "ada") == 3
        await limiter.forgive(LIMIT, "ada")
        # Two deadlines of slack; without the pause the five calls would cost five of them.
        # integrity: allow no-wall-clock: the outage costs one deadline, not one per command
        assert time.monotonic() - started < 3 * 0.3
        await silent.aclose()

    await undisturbed(attempt, deadline=0.6)


async def test_shared_counting_resumes_when_valkey_is_back(valkey_client: Redis) -> None:
    limiter = RateLimiter(valkey_client, fallback_seconds=1e-9)
    await limiter.acquire(LIMIT, "ada")
    limiter._fall_back(ConnectionError("cut"))
    assert REGISTRY.get_sample_value("auth_rate_limit_fallback_active") == 1
    assert await exhaust(limiter, "ada") == 2
    assert REGISTRY.get_sample_value("auth_rate_limit_fallback_active") == 0
