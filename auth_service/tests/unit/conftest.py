"""One identity service per test, on a real PostgreSQL and a real Valkey."""

from collections.abc import AsyncIterator

import httpx
import pytest
from redis.asyncio import Redis

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import Clock, Service, make_settings, running


@pytest.fixture
def settings(migrated_postgres_url: str, valkey_url: str) -> AuthSettings:
    """Settings for the test's own database; hashing is cheap."""
    return make_settings(migrated_postgres_url, valkey_url)


@pytest.fixture
def clock() -> Clock:
    """The service's clock, moved by the test."""
    return Clock()


@pytest.fixture
async def service(settings: AuthSettings, clock: Clock) -> AsyncIterator[Service]:
    """A started service and an HTTP client for it."""
    async with running(settings, clock) as started:
        yield started


@pytest.fixture
def http(service: Service) -> httpx.AsyncClient:
    """The client of ``service``."""
    return service.http


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of the service's Valkey, for looking at what it wrote."""
    client: Redis = Redis.from_url(valkey_url, decode_responses=True)
    yield client
    await client.aclose()
