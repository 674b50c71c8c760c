"""Failures of PostgreSQL become members of the error tree."""

import asyncio

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from netra_backend.app.db.transaction import transaction
from netra_shared.errors import DatabaseUnavailable
from netra_shared.stores.database import async_url


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    engine = create_async_engine(async_url(f"postgresql://nobody:x@127.0.0.1:{port}/none"))
    with pytest.raises(DatabaseUnavailable):
        async with transaction(engine):
            pass
    await engine.dispose()


async def test_a_statement_past_its_deadline_and_a_killed_session_are_unavailable(
    postgres_url: str,
) -> None:
    # In milliseconds, and far above what a busy machine takes for SELECT 1.
    deadline = {"server_settings": {"statement_timeout": "300"}}
    engine = create_async_engine(async_url(postgres_url), connect_args=deadline)
    with pytest.raises(DatabaseUnavailable):
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT pg_sleep(20)"))
    with pytest.raises(DatabaseUnavailable):
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    async with transaction(engine) as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()


async def test_a_pool_without_a_free_connection_is_unavailable(postgres_url: str) -> None:
    engine = create_async_engine(
        async_url(postgres_url), pool_size=1, max_overflow=0, pool_timeout=0.05
    )
    async with transaction(engine):
        with pytest.raises(DatabaseUnavailable):
            async with transaction(engine):
                pass
    await engine.dispose()


async def test_a_wrong_statement_is_our_defect_and_stays_itself(postgres_url: str) -> None:
    engine = create_async_engine(async_url(postgres_url))
    async with transaction(engine) as connection:
        await connection.execute(text("CREATE TABLE t (id int PRIMARY KEY)"))
    with pytest.raises(IntegrityError):
        async with transaction(engine) as connection:
            await connection.execute(text("INSERT INTO t VALUES (1), (1)"))
    await engine.dispose()


async def test_a_rotated_password_and_a_missing_database_are_unavailable(postgres_url: str) -> None:
    right = make_url(postgres_url)
    for wrong in (right.set(password="rotated"), right.set(database="nowhere")):
        engine = create_async_engine(async_url(wrong.render_as_string(hide_password=False)))
        with pytest.raises(DatabaseUnavailable):
            async with transaction(engine):
                pass
        await engine.dispose()


async def test_a_database_that_takes_no_writes_is_unavailable(postgres_url: str) -> None:
    engine = create_async_engine(
        async_url(postgres_url),
        connect_args={"server_settings": {"default_transaction_read_only": "on"}},
    )
    with pytest.raises(DatabaseUnavailable):
        async with transaction(engine) as connection:
            await connection.execute(text("CREATE TABLE t (id int PRIMARY KEY)"))
    await engine.dispose()
