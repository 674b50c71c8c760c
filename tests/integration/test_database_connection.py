"""A real PostgreSQL as the services use it: session, transaction, failure, recovery."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_ops.services.postgres import EmbeddedPostgres
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.database import create_engine
from test_framework.real_services import require_docker_services

DEADLINE = 20.0
POLL_SECONDS = 0.05


def settings(url: str, **deadlines: float) -> ServiceSettings:
    return load_settings(
        ServiceSettings,
        {
            "environment": "test",
            "database_url": url,
            "redis_url": "redis://127.0.0.1:1/0",
            "postgres_pool_size": 2,
            **deadlines,
        },
    )


@dataclass
class Engines:
    """Makes engines and disposes of them at the end."""

    made: list[AsyncEngine] = field(default_factory=list)

    def make(self, url: str, **deadlines: float) -> AsyncEngine:
        self.made.append(create_engine(settings(url, **deadlines), application_name="test"))
        return self.made[-1]


@pytest.fixture
async def engines() -> AsyncIterator[Engines]:
    found = Engines()
    yield found
    for engine in found.made:
        await engine.dispose()


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A durable server of this test alone, to kill and to freeze."""
    server = EmbeddedPostgres(tmp_path)
    await server.start()
    yield server
    await server.stop()
    server.remove()


async def notes(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT content FROM note ORDER BY content"))
        return [row.content for row in rows]


async def make_notes(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE note (content text PRIMARY KEY)"))


async def insert(engine: AsyncEngine, *contents: str) -> None:
    """Insert all in one transaction."""
    async with engine.begin() as connection:
        for content in contents:
            await connection.execute(
                text("INSERT INTO note VALUES (:content)"), {"content": content}
            )


async def insert_and_kill(engine: AsyncEngine, server: EmbeddedPostgres) -> None:
    """Kill the server in the middle of a transaction; ends with the error that this leaves."""
    async with engine.begin() as connection, asyncio.timeout(DEADLINE):
        await connection.execute(text("INSERT INTO note VALUES ('during')"))
        server.child.send(signal.SIGKILL)
        while True:
            await connection.execute(text("SELECT 1"))


async def until_it_answers(engine: AsyncEngine) -> None:
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            except (SQLAlchemyError, OSError):
                await asyncio.sleep(POLL_SECONDS)
            else:
                return


@require_docker_services()
async def test_a_session_of_a_real_postgresql(engines: Engines, postgres_url: str) -> None:
    engine = engines.make(postgres_url)
    async with engine.connect() as connection:
        version = (await connection.execute(text("SELECT version()"))).scalar_one()
        name = (await connection.execute(text("SHOW application_name"))).scalar_one()
        deadline = (await connection.execute(text("SHOW statement_timeout"))).scalar_one()
    assert version.startswith("PostgreSQL 1")
    assert (name, deadline) == ("test", "10s")


@require_docker_services()
async def test_a_transaction_is_whole_or_not_at_all(engines: Engines, postgres_url: str) -> None:
    engine = engines.make(postgres_url)
    await make_notes(engine)
    await insert(engine, "kept")
    with pytest.raises(IntegrityError):
        await insert(engine, "undone", "kept")
    assert await notes(engine) == ["kept"]


@require_docker_services()
async def test_no_one_sees_what_is_not_committed(engines: Engines, postgres_url: str) -> None:
    engine = engines.make(postgres_url)
    await make_notes(engine)
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO note VALUES ('soon')"))
        assert await notes(engine) == []
    assert await notes(engine) == ["soon"]


@require_docker_services()
async def test_a_slow_statement_is_cancelled_and_its_connection_lives(
    engines: Engines, postgres_url: str
) -> None:
    engine = engines.make(postgres_url, postgres_statement_seconds=0.2)
    async with engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        with pytest.raises(DBAPIError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(30)"))
        await connection.rollback()
        assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one() == pid


@require_docker_services()
async def test_an_exhausted_pool_says_so_in_time(engines: Engines, postgres_url: str) -> None:
    engine = engines.make(postgres_url, postgres_pool_wait_seconds=0.2)
    async with engine.connect(), engine.connect():
        started = time.monotonic()
        with pytest.raises(PoolTimeout):
            await engine.connect()
        # integrity: allow no-wall-clock: the named deadline is a promised bound
        assert time.monotonic() - started < 5
    async with engine.connect():
        pass


@require_docker_services()
async def test_a_connection_that_the_server_ended_is_replaced(
    engines: Engines, postgres_url: str
) -> None:
    victim, judge = engines.make(postgres_url), engines.make(postgres_url)
    async with victim.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with judge.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    async with victim.connect() as connection:  # the pool notices and opens another
        assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid


@require_docker_services()
async def test_a_killed_server_fails_the_session_and_keeps_what_was_committed(
    engines: Engines, own_server: EmbeddedPostgres
) -> None:
    engine = engines.make(own_server.url)
    await make_notes(engine)
    await insert(engine, "before")
    with pytest.raises((SQLAlchemyError, OSError)):
        await insert_and_kill(engine, own_server)
    await own_server.stop()
    await own_server.start()
    await until_it_answers(engine)
    assert await notes(engine) == ["before"]


@require_docker_services()
async def test_a_silent_server_is_given_up_in_time(
    engines: Engines, own_server: EmbeddedPostgres
) -> None:
    engine = engines.make(own_server.url, postgres_connect_seconds=0.3)
    own_server.child.send(signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises((SQLAlchemyError, OSError, TimeoutError)):
            await engine.connect()
        # integrity: allow no-wall-clock: the named deadline is a promised bound
        assert time.monotonic() - started < 5
    finally:
        own_server.child.send(signal.SIGCONT)
    await until_it_answers(engine)
