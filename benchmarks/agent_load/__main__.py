"""``python -m benchmarks.agent_load``: the sockets' latency while agents work, and the agents' own.

One socket asks for a thread's presence every few milliseconds, first alone, then while several
people talk to the operations guide without a pause: the agents' whole CPU work without a model's
network.
With ``--beside FOLDER`` the backend of another checkout is measured in turn, on the same stores.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.cold_start.__main__ import SECRET, signed_token
from netra_backend.app.db.schema import backend_migrations
from netra_client import FixedToken, NetraClient
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_shared.stores.database import async_url
from test_framework.throwaway_stores import throwaway_stores

PEOPLE = 4
PAUSE_SECONDS = 0.005
STOP_SECONDS = 10.0
QUESTION = "Is the platform ready, and what does 4413 mean?"


async def measure(folder: Path, checkout: Path, stores: dict[str, str], seconds: float) -> Any:
    """Return the figures of the backend in ``checkout``."""
    async with _backend(folder, checkout, stores) as url, AsyncExitStack() as ends:
        clients = [
            await ends.enter_async_context(NetraClient(url, FixedToken(signed_token())))
            for _ in range(PEOPLE + 1)
        ]
        asker, *people = clients
        thread = await asker.threads.create()
        await asker.run(thread.id, QUESTION).answer()  # agents serve from here on
        quiet = await _commands(asker, thread.id, seconds)
        firsts: list[float] = []
        answers: list[float] = []
        events = 0

        async def talk(client: NetraClient) -> None:
            nonlocal events
            thread_id = (await client.threads.create()).id
            while True:
                started = time.perf_counter()
                first = None
                async for _event in client.run(thread_id, QUESTION):
                    events += 1
                    first = first or time.perf_counter()
                firsts.append((first or started) - started)
                answers.append(time.perf_counter() - started)

        talks = [asyncio.create_task(talk(client)) for client in people]
        started = time.perf_counter()
        busy = await _commands(asker, thread.id, seconds)
        took = time.perf_counter() - started
        for one in talks:
            one.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
    return {
        "commandQuietMs": _shares(quiet),
        "commandBusyMs": _shares(busy),
        "firstEventMs": _shares(firsts),
        "answerMs": _shares(answers),
        "eventsPerSecond": round(events / took, 1),
    }


async def _commands(client: NetraClient, thread_id: Any, seconds: float) -> list[float]:
    """Return the round trips of a small command that touches the database and Valkey."""
    found = []
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        started = time.perf_counter()
        await client.presence(thread_id)
        found.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE_SECONDS)
    return found


def _shares(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "p50": round(cuts[49] * 1000, 2),
        "p99": round(cuts[98] * 1000, 2),
        "max": round(max(seconds) * 1000, 2),
    }


@asynccontextmanager
async def _backend(folder: Path, checkout: Path, stores: dict[str, str]) -> AsyncIterator[str]:
    port = free_port()
    server = HttpServer(
        "backend",
        [sys.executable, "-m", "netra_backend"],
        port=port,
        ready_path="/health/ready",
        log_path=folder / f"{checkout.name}.log",
        working_directory=checkout,
        environment=stores
        | {"ENVIRONMENT": "test", "JWT_SECRET_KEY": SECRET, "HOST": LOOPBACK, "PORT": str(port)}
        | {"PYTHONPATH": str(checkout), "SOCKETS__COMMANDS_PER_SECOND": "1000"},
    )
    await server.start()
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        await server.stop(STOP_SECONDS)


async def _all(options: argparse.Namespace) -> dict[str, Any]:
    checkouts = {"here": Path.cwd()} | (
        {"beside": options.beside.resolve()} if options.beside else {}
    )
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, checkout in checkouts.items():
            found[name] = await measure(Path(folder), checkout, options.stores, options.seconds)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agent_load")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each phase (default 5)")
    parser.add_argument("--beside", type=Path, help="another checkout to measure in the same run")
    options = parser.parse_args(arguments)
    with throwaway_stores() as (postgres, valkey):
        options.stores = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        asyncio.run(_migrate(postgres.url))
        found = asyncio.run(_all(options))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


async def _migrate(url: str) -> None:
    engine = create_async_engine(async_url(url))
    try:
        await backend_migrations().upgrade(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
