"""Measure both contestants by turns and print the medians and their ratios.

uv run --group bench --with dbos==3.4.0 python -m benchmarks.durable_runs --rounds 3
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from netra_backend.app.db.schema import backend_migrations
from netra_ops.services.postgres import EmbeddedPostgres
from netra_shared.stores.database import async_url
from test_framework.blocking import run
from test_framework.throwaway_stores import throwaway_stores

CONTESTANTS = ("journal", "dbos")
ROUND_SECONDS = 300.0


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable_runs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=150, help="runs measured in each round")
    options = parser.parse_args()
    if options.rounds < 1 or options.runs < 1:
        parser.error("--rounds and --runs must be at least 1")
    if importlib.util.find_spec("dbos") is None:
        print("dbos is absent: uv run --group bench --with dbos==3.4.0 python -m ...")
        return 3
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    with throwaway_stores() as (postgres, _):
        for number in range(options.rounds):
            for name in CONTESTANTS:
                figures = _measure(postgres, name, number, options.runs)
                found[name].append(figures)
                print(f"round {number + 1} {name}: {figures}", file=sys.stderr)
    print(f"{'':24}" + "".join(f"{name:>12}" for name in CONTESTANTS) + f"{'ratio':>10}")
    for key in found["journal"][0]:
        ours, theirs = (statistics.median(item[key] for item in found[n]) for n in CONTESTANTS)
        ratio = f"{ours / theirs:.2f}" if theirs else "-"
        print(f"{key:24}{ours:12.1f}{theirs:12.1f}{ratio:>10}")
    return 0


def _measure(postgres: EmbeddedPostgres, name: str, number: int, runs: int) -> dict[str, float]:
    database = f"{name}_{number}"
    url = postgres.database_url(database)
    run(_create(postgres.url, database))
    if name == "journal":
        run(_migrate(url))
    finished = subprocess.run(
        [sys.executable, "-m", f"benchmarks.durable_runs.{name}_contestant", url, str(runs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=ROUND_SECONDS,
        env=os.environ,
        text=True,
    )
    figures: dict[str, float] = json.loads(finished.stdout.strip().splitlines()[-1])
    return figures


async def _migrate(url: str) -> None:
    engine = create_async_engine(async_url(url))
    try:
        await backend_migrations().upgrade(engine)
    finally:
        await engine.dispose()


async def _create(url: str, database: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{database}"')
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
