"""Round trips of one small frame on many sockets, each with one in flight."""

import asyncio

from benchmarks.clients import Link, close_links, open_links
from benchmarks.works.measured import Measured, Meter, Turn

SOCKETS = 64
PATIENCE_SECONDS = 10.0


async def echo(turn: Turn) -> Measured:
    """Return ``cpu_us`` per round trip and ``per_second``."""
    done = 0
    going = True
    request, answer = turn.dialect.echo, turn.dialect.echo_answer

    def on_text(link: Link, data: bytes) -> None:
        nonlocal done
        if data.startswith(answer):
            done += 1
            if going:
                link.send(request)

    links = await open_links(turn.ports, turn.dialect, SOCKETS, on_text)
    for link in links:
        link.send(request)
    await asyncio.sleep(0.2)  # warm
    meter = Meter(turn)
    with meter.running():
        before = done
        await asyncio.sleep(turn.seconds)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while done == before:  # noqa: ASYNC110  a core that others hold answers late
                await asyncio.sleep(0.01)
        finished = done - before
    going = False
    await asyncio.sleep(0.05)
    await close_links(links)
    return Measured({"cpu_us": meter.cpu_us / finished, "per_second": finished / meter.seconds})
