"""A whole run: servers up, rounds interleaved, servers down."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.contestants import Contestant
from benchmarks.results import Results, Sample
from benchmarks.server_process import ServerProcess
from benchmarks.works.echo import echo
from benchmarks.works.fan_out import fan_out
from benchmarks.works.handshake import handshake, reconnect
from benchmarks.works.measured import Measured, Turn
from benchmarks.works.memory import memory
from benchmarks.works.resume import resume
from netra_ops.services.loopback import free_port
from netra_ops.services.valkey import EmbeddedValkey

Work = Callable[[Turn], Awaitable[Measured]]
Progress = Callable[[str], None]

MEMORY = "memory"  # needs processes that have done nothing else

WORKS: dict[str, Work] = {
    "echo": echo,
    "handshake": handshake,
    "reconnect": reconnect,
    "fanout": fan_out,
    MEMORY: memory,
    "resume": resume,
}


@contextlib.asynccontextmanager
async def valkey_running(folder: Path) -> AsyncIterator[str]:
    """Run a Valkey for the gateway; yields its URL."""
    valkey = EmbeddedValkey(folder / "valkey", settings={"maxmemory": "1gb"})
    await valkey.start()
    try:
        yield valkey.url
    finally:
        await valkey.stop()


@contextlib.asynccontextmanager
async def servers_running(
    contestant: Contestant, *, core: int | None, valkey: str, logs: Path
) -> AsyncIterator[list[ServerProcess]]:
    """Run a contestant's instances."""
    ports = [free_port() for _ in range(contestant.instances)]
    servers = contestant.servers(ports, core=core, valkey=valkey, logs=logs)
    try:
        for server in servers:
            await server.start()
        yield servers
    finally:
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in servers))


async def run(
    contestants: Sequence[Contestant],
    works: Sequence[str],
    *,
    rounds: int,
    seconds: float,
    crowd: int = 1000,
    core: int | None,
    progress: Progress,
) -> Results:
    """Let every contestant do every work once a round, in turn.

    Memory is measured once, in processes that have done nothing else.
    """
    results = Results()
    with tempfile.TemporaryDirectory(prefix="netra-bench-") as name:
        folder = Path(name)
        async with valkey_running(folder) as valkey:

            @contextlib.asynccontextmanager
            async def turns_for(works: Sequence[str]) -> AsyncIterator[dict[str, Turn]]:
                async with contextlib.AsyncExitStack() as stack:
                    turns = {}
                    for contestant in contestants:
                        if not set(works) & set(contestant.work):
                            continue
                        progress(f"starting {contestant.name}")
                        servers = await stack.enter_async_context(
                            servers_running(contestant, core=core, valkey=valkey, logs=folder)
                        )
                        turns[contestant.name] = Turn(servers, contestant.dialect, seconds, crowd)
                    yield turns

            lasting = [work for work in works if work != MEMORY]
            if MEMORY in works:
                async with turns_for([MEMORY]) as turns:
                    await _rounds(MEMORY, contestants, turns, 1, results, progress)
            if lasting:
                async with turns_for(lasting) as turns:
                    for work in lasting:
                        await _rounds(work, contestants, turns, rounds, results, progress)
    return results


async def _rounds(
    work: str,
    contestants: Sequence[Contestant],
    turns: Mapping[str, Turn],
    rounds: int,
    results: Results,
    progress: Progress,
) -> None:
    doing = [contestant.name for contestant in contestants if work in contestant.work]
    for number in range(rounds):
        # Each round starts with another one, so that no one always goes first.
        shift = number % len(doing) if doing else 0
        for name in (*doing[shift:], *doing[:shift]):
            progress(f"{work}: round {number + 1}, {name}")
            measured = await WORKS[work](turns[name])
            results.samples += [
                Sample(work, name, number, figure, value)
                for figure, value in measured.figures.items()
            ]
