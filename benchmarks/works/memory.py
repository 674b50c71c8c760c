"""What a socket that says nothing costs."""

import asyncio

from benchmarks.clients import Link, close_links, open_links
from benchmarks.works.measured import Measured, Turn

WARM = 50
SETTLE_SECONDS = 0.5


async def memory(turn: Turn) -> Measured:
    """Return ``kib``: resident KiB per socket, opening included."""

    def ignore(_link: Link, _data: bytes) -> None:
        return

    # The first sockets make the server allocate what it needs once.
    await close_links(await open_links(turn.ports, turn.dialect, WARM, ignore))
    await asyncio.sleep(SETTLE_SECONDS)
    before = turn.resident_bytes()
    links = await open_links(turn.ports, turn.dialect, turn.crowd, ignore)
    await asyncio.sleep(SETTLE_SECONDS)
    after = turn.resident_bytes()
    await close_links(links)
    return Measured({"kib": (after - before) / 1024 / turn.crowd})
