"""The validators against real PostgreSQL and Valkey: what passes, what fails and why."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_shared.auth.jwks import JwksCache, JwksUnavailable
from netra_shared.health.dependencies import (
    DatabaseReadOnly,
    postgres_validator,
    token_keys_validator,
    valkey_validator,
)
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.database import create_engine

UNUSED = "redis://127.0.0.1:1/0"


def engine_for(url: str, **changes: float) -> AsyncEngine:
    fixed = {"environment": "test", "database_url": url, "redis_url": UNUSED}
    return create_engine(load_settings(ServiceSettings, fixed | changes), application_name="test")


@pytest.fixture
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for(postgres_url)
    yield made
    await made.dispose()


async def test_a_writable_database_passes(engine: AsyncEngine) -> None:
    assert await postgres_validator(engine)() is None


async def test_a_read_only_database_fails(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        options = await connection.execution_options(isolation_level="AUTOCOMMIT")
        name = (await options.execute(text("SELECT current_database()"))).scalar_one()
        await options.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only=on'))
    await engine.dispose()
    with pytest.raises(DatabaseReadOnly):
        await postgres_validator(engine)()


async def test_an_exhausted_pool_fails_and_says_so(postgres_url: str) -> None:
    engine = engine_for(postgres_url, postgres_pool_size=1, postgres_pool_wait_seconds=0.1)
    async with engine.connect():
        with pytest.raises(PoolTimeout, match="QueuePool limit"):
            await postgres_validator(engine)()
    await engine.dispose()


async def test_a_writable_valkey_passes(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as client:
        await valkey_validator(client, service="test")()
        assert 0 < await client.ttl("netra:readiness:test") <= 60


async def test_a_full_valkey_fails_though_it_answers_ping(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as client:
        limit = (await client.config_get("maxmemory"))["maxmemory"] or "0"
        await client.config_set("maxmemory", "1")
        try:
            assert await client.ping()
            with pytest.raises(OutOfMemoryError):
                await valkey_validator(client, service="test")()
        finally:
            await client.config_set("maxmemory", limit)


async def test_a_replica_fails_though_it_answers_ping(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as client:
        await client.replicaof("127.0.0.1", 1)
        try:
            assert await client.ping()
            with pytest.raises(ReadOnlyError):
                await valkey_validator(client, service="test")()
        finally:
            await client.replicaof("NO", "ONE")


async def test_without_any_key_and_without_an_issuer_the_keys_fail() -> None:
    keys = JwksCache("http://127.0.0.1:1/jwks.json")
    with pytest.raises(JwksUnavailable):
        await token_keys_validator(keys)()
    await keys.close()
