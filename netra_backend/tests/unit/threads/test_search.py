"""A search in 20,000 threads reads the caller's rows; one account cannot take the pool."""

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads import queries
from netra_backend.app.threads.errors import SearchBusy, SearchTooSlow
from netra_backend.app.threads.search import (
    WAITING_PER_ACCOUNT,
    SearchGate,
    deadline_as_error,
    limit_statement,
)
from netra_backend.tests.unit.threads.conftest import Api
from test_framework.waiting import eventually

THREADS = 20_000
FILL_THREADS = """
    INSERT INTO netra.threads (id, owner_id, title, updated_at)
    SELECT gen_random_uuid(), cast(:owner AS uuid), 'Plan number ' || n,
        now() - n * interval '1 second'
    FROM generate_series(1, :count) AS n
"""
FILL_MESSAGES = """
    INSERT INTO netra.messages (thread_id, id, position, role, body, text)
    SELECT id, gen_random_uuid(), 1, 'user', '{}', 'the common word of ' || title
    FROM netra.threads WHERE owner_id = :owner
"""


async def fill(connection: AsyncConnection, owner: UUID, count: int) -> None:
    await connection.execute(text(FILL_THREADS), {"owner": owner, "count": count})
    await connection.execute(text(FILL_MESSAGES), {"owner": owner})


async def rows_read(connection: AsyncConnection, owner: UUID, search: str) -> int:
    """Return the most rows that one step of the plan read."""
    page = queries.thread_page(owner, limit=50, after=None, search=search, deleted=False)
    compiled: Any = page.compile(dialect=connection.dialect)
    values = tuple(compiled.params[name] for name in compiled.positiontup)
    explain = f"EXPLAIN (ANALYZE, TIMING OFF) {compiled}"
    plan = [row[0] for row in await connection.exec_driver_sql(explain, values)]
    assert any("messages_owner_search" in line for line in plan), plan
    return max(
        int(float(rows) * int(loops))
        for line in plan
        for rows, loops in re.findall(r"actual rows=([\d.]+) loops=(\d+)", line)
    )


async def test_a_search_reads_the_rows_of_its_owner_alone(api: Api) -> None:
    owner, small = uuid4(), uuid4()
    async with api.engine.begin() as connection:
        await fill(connection, owner, THREADS)
        await fill(connection, small, 20)
        await connection.execute(
            text("SELECT gin_clean_pending_list('netra.messages_owner_search')")
        )
        for table in ("threads", "messages"):
            await connection.execute(text(f"ANALYZE netra.{table}"))
        assert await rows_read(connection, small, "common") <= 60
        assert await rows_read(connection, small, "nothing at all") <= 60
        assert await rows_read(connection, owner, "Plan number 19999") <= 2 * THREADS
    page = await api.service.list_threads(user_id=owner, limit=50, search="common 19999")
    assert [thread.title for thread in page.items] == ["Plan number 19999"]
    page = await api.service.list_threads(user_id=small, limit=50, search="UMBER 1")
    assert len(page.items) == 11  # 1 and 10 to 19, in titles


async def test_a_search_at_its_deadline_is_ended_with_the_remedy(api: Api) -> None:
    async def slow() -> None:
        async with transaction(api.engine) as connection:
            await limit_statement(connection, 0.05)
            with deadline_as_error():
                await connection.execute(text("SELECT pg_sleep(30)"))

    with pytest.raises(SearchTooSlow, match="rarer words"):
        await slow()
    async with api.engine.begin() as connection:  # the deadline ended with its transaction
        assert await connection.scalar(text("SHOW statement_timeout")) == "0"


async def test_one_account_searches_one_at_a_time_and_others_beside_it() -> None:
    gate, owner = SearchGate(refusal_seconds=0.01), uuid4()
    release, running = asyncio.Event(), 0

    async def search() -> None:
        nonlocal running
        async with gate.turn(owner):
            running += 1
            assert running == 1
            await release.wait()
            running -= 1

    searches = [asyncio.create_task(search()) for _ in range(WAITING_PER_ACCOUNT + 1)]
    await eventually(lambda: running == 1)
    with pytest.raises(SearchBusy, match="More than 3 searches"):
        await search()
    async with gate.turn(uuid4()):
        assert gate.accounts == 2
    release.set()
    await asyncio.gather(*searches)
    await eventually(lambda: gate.accounts == 0)


async def test_searches_in_a_row_take_a_third_of_the_time() -> None:
    now = 100.0
    sleeps: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        sleeps.append(seconds)
        now += max(0.0, seconds)

    gate, owner = SearchGate(clock=lambda: now, sleep=sleep), uuid4()
    for took in (3.0, 0.5, 1.0):
        async with gate.turn(owner):
            now += took
    assert sleeps[1:] == [6.0, 1.0]
    assert sleeps[0] <= 0
