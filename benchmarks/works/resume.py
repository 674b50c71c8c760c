"""A thousand missed events, read again by a client that comes back."""

import asyncio
import re
import time
from dataclasses import replace
from uuid import uuid4

from benchmarks.clients import Link, close_links, open_link
from benchmarks.dialects import Netra
from benchmarks.works.measured import Measured, Meter, Turn

EVENTS = 1000
REPEATS = 5
SECONDS = 30.0

_EPOCH = re.compile(rb'"epoch":"([^"]+)","offset":(\d+)')


async def resume(turn: Turn) -> Measured:
    """Return ``cpu_us`` per event resumed and ``all_ms``: from the upgrade to the last event."""
    assert isinstance(turn.dialect, Netra)
    dialect = replace(turn.dialect, thread_id=uuid4())
    epoch = ""
    count = 0
    all_there = asyncio.Event()

    def on_text(_link: Link, data: bytes) -> None:
        nonlocal count, epoch
        if data.startswith(dialect.ready):
            found = _EPOCH.search(data)
            assert found is not None
            epoch = found[1].decode()
        elif b'"thread.event"' in data:
            count += 1
            if count == EVENTS:
                all_there.set()

    async with asyncio.timeout(SECONDS):
        first = await open_link(turn.ports[0], dialect, on_text)
        first.send(dialect.order(EVENTS, 0))
        await all_there.wait()
        await close_links([first])
    missed = replace(dialect, epoch=epoch, offset=0)
    times = []
    meter = Meter(turn)
    with meter.running():
        for _ in range(REPEATS):
            count = 0
            all_there.clear()
            started = time.perf_counter()
            link = await open_link(turn.ports[0], missed, on_text)
            async with asyncio.timeout(SECONDS):
                await all_there.wait()
            times.append((time.perf_counter() - started) * 1000)
            await close_links([link])
    return Measured(
        {"cpu_us": meter.cpu_us / (EVENTS * REPEATS), "all_ms": sorted(times)[REPEATS // 2]}
    )
