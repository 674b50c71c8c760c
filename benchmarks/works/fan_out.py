"""One event to a thousand sockets, again and again, with time to breathe between."""

import asyncio
import re
import time

from benchmarks.clients import Link, close_links, open_links
from benchmarks.works.measured import Measured, Meter, Turn

EVERY_MS = 100  # longer than the slowest contestant takes for one
SETTLE_SECONDS = 0.5
GRACE_SECONDS = 10.0

_AT = re.compile(rb'"at":(\d+)')


async def fan_out(turn: Turn) -> Measured:
    """Return ``cpu_us`` per delivery and ``last_ms``: from sending to the last arrival, median."""
    events = max(3, int(turn.seconds * 1000 / EVERY_MS))
    arrived: dict[int, int] = {}
    last: dict[int, int] = {}
    all_there = asyncio.Event()
    count = 0

    def on_text(_link: Link, data: bytes) -> None:
        nonlocal count
        found = _AT.search(data)
        if found is None:
            return
        at = int(found[1])
        arrived[at] = arrived.get(at, 0) + 1
        last[at] = time.monotonic_ns()
        count += 1
        if count == events * turn.crowd:
            all_there.set()

    links = await open_links(turn.ports, turn.dialect, turn.crowd, on_text)
    await asyncio.sleep(SETTLE_SECONDS)  # what opening leaves behind is not the fan-out's
    meter = Meter(turn)
    with meter.running():
        links[0].send(turn.dialect.order(events, EVERY_MS))
        async with asyncio.timeout(turn.seconds + GRACE_SECONDS):
            await all_there.wait()
    await close_links(links)
    # Node's clock loses its last digits in a double; the nearest microsecond is exact enough.
    delays = sorted((last[at] - at) / 1e6 for at in last)
    return Measured(
        {"cpu_us": meter.cpu_us / count, "last_ms": delays[len(delays) // 2]},
    )
