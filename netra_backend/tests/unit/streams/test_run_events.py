"""Which events of a run a recovery may continue: all of them, or none."""

from uuid import UUID, uuid4

from netra_backend.app.streams import keys
from netra_backend.app.streams.run_events import read_run_events
from netra_backend.app.streams.store import Continuation
from netra_backend.tests.unit.streams.test_valkey_store import Run, store

BATCH = 3


async def test_all_events_of_a_run_in_order(valkey_url: str) -> None:
    async with store(valkey_url) as (_, streams):
        thread_id = uuid4()
        earlier, run = Run(streams, thread_id), Run(streams, thread_id)
        await earlier.append(2)
        await earlier.append(terminal=True)
        await run.append(7)
        for one, count in ((earlier, 3), (run, 7)):
            entries = await read_run_events(streams, thread_id, UUID(one.run_id), batch=BATCH)
            assert entries is not None
            assert [entry.seq for entry in entries] == list(range(count))


async def test_a_run_without_events_has_none(valkey_url: str) -> None:
    async with store(valkey_url) as (_, streams):
        assert await read_run_events(streams, uuid4(), uuid4(), batch=BATCH) == []


async def test_a_run_whose_first_events_were_trimmed_is_lost(valkey_url: str) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        await run.append(7)
        await client.xtrim(keys.events_key(thread_id), maxlen=4, approximate=False)
        assert await read_run_events(streams, thread_id, UUID(run.run_id), batch=BATCH) is None
        await run.append(terminal=True)
        assert await read_run_events(streams, thread_id, UUID(run.run_id), batch=BATCH) is None


async def test_a_store_that_knows_of_the_run_only_from_an_instance_has_lost_it(
    valkey_url: str,
) -> None:
    async with store(valkey_url) as (client, streams):
        thread_id = uuid4()
        run = Run(streams, thread_id)
        position = await run.append(4)
        await client.flushall()
        await streams.open(thread_id, Continuation(position, run.run_id))
        assert await read_run_events(streams, thread_id, UUID(run.run_id), batch=BATCH) is None
