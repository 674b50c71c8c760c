"""``python -m benchmarks.cold_start``: Netra's backend beside minimal applications.

All are started in turn, in the same environment, on the same PostgreSQL and Valkey, and timed
until they accept a WebSocket. The first round compiles and fills the page cache; it is not
counted. Compare the CPU seconds: the wall time of a busy machine is its neighbours'. The backend
executes agents in a second process; what that costs is beside it: CPU and memory of the whole
tree, and the time until an agent says its first word.

Exit status: 0 both ratios to the minimal application, that of the CPU of the process that accepts
and that of the wall time, are below the bound; 1 one is not.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import jwt
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.cold_start.first_event import ask_minimal_agent, ask_netra
from benchmarks.cold_start.first_socket import (
    Candidate,
    FirstSocket,
    base_environment,
    first_socket,
)
from netra_backend.app.db.schema import backend_migrations
from netra_shared.stores.database import async_url
from test_framework.blocking import run
from test_framework.throwaway_stores import throwaway_stores

BACKEND = "netra_backend"
BOUND = 1.5  # times the minimal application
SECRET = "a shared secret of a benchmark, longer than 32 bytes"  # noqa: S105  opens nothing
TOKEN_SECONDS = 3600


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cold_start",
        description="Process start to first accepted WebSocket, beside a minimal application.",
    )
    parser.add_argument("--rounds", type=int, default=10, help="counted rounds (default 10)")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    with throwaway_stores() as (postgres, valkey), tempfile.TemporaryDirectory() as folder:
        run(_migrate(postgres.url))
        candidates = _candidates(postgres.url, valkey.url)
        results: dict[str, list[FirstSocket]] = {one.name: [] for one in candidates}
        for number in range(options.rounds + 1):
            for candidate in candidates:
                measured = first_socket(candidate, Path(folder))
                if number:
                    results[candidate.name].append(measured)
            if sys.stderr.isatty():
                sys.stderr.write(f"\rround {number} of {options.rounds}")
    return _report(results, as_json=options.json)


def _candidates(database_url: str, redis_url: str) -> list[Candidate]:
    environment = base_environment() | {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    token = signed_token()
    return [
        Candidate(
            "minimal",
            (sys.executable, "-m", "benchmarks.cold_start.minimal_application"),
            environment,
        ),
        Candidate(
            "minimal+agent",
            (sys.executable, "-m", "benchmarks.cold_start.minimal_agent"),
            environment,
            first_event=ask_minimal_agent,
        ),
        Candidate(
            BACKEND,
            (sys.executable, "-m", "netra_backend"),
            environment | {"ENVIRONMENT": "test", "JWT_SECRET_KEY": SECRET, "LOG_FORMAT": "json"},
            (f"Authorization: Bearer {token}",),
            partial(ask_netra, token=token),
        ),
    ]


def signed_token() -> str:
    """Return an access token that a backend with ``SECRET`` accepts."""
    now = int(time.time())
    return jwt.encode(
        {
            "iss": "netra-auth", "aud": "netra", "sub": "4a1c3f7e-8f0d-4c53-9d3a-3a1f5c1a2b10",
            "sid": "0b7a9c1e-1111-4222-8333-444455556666", "jti": "cold-start",
            "iat": now, "exp": now + TOKEN_SECONDS, "roles": ["user"],
        },
        SECRET,
        algorithm="HS256",
    )  # fmt: skip


async def _migrate(url: str) -> None:
    engine = create_async_engine(async_url(url))
    try:
        await backend_migrations().upgrade(engine)
    finally:
        await engine.dispose()


def _report(results: dict[str, list[FirstSocket]], *, as_json: bool) -> int:
    rows = {name: summary(measured) for name, measured in results.items()}
    ratios = {
        name: {key: rows[BACKEND][key] / row[key] for key in row if key in rows[BACKEND]}
        for name, row in rows.items()
        if name != BACKEND
    }
    passed = all(ratios["minimal"][key] < BOUND for key in ("cpuSeconds", "wallSeconds"))
    if as_json:
        document = {"measured": rows, "ratios": ratios, "bound": BOUND, "passed": passed}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return 0 if passed else 1
    for name, row in rows.items():
        sys.stdout.write(
            f"{name:15} wall {row['wallSeconds']:6.3f} s  least {row['leastWallSeconds']:6.3f} s"
            f"  cpu {row['cpuSeconds']:6.3f} s  rss {row['rssMiB']:4.0f} MiB"
            f"  tree: cpu {row['treeCpuSeconds']:6.3f} s  rss {row['treeRssMiB']:4.0f} MiB"
            f"  first event {row.get('eventSeconds', math.nan):6.3f} s\n"
        )
    for name, ratio in ratios.items():
        sys.stdout.write(
            f"to {name:12} wall {ratio['wallSeconds']:6.2f}    least"
            f" {ratio['leastWallSeconds']:6.2f}    cpu {ratio['cpuSeconds']:6.2f}  "
            f"  rss {ratio['rssMiB']:4.2f}  tree: cpu {ratio['treeCpuSeconds']:6.2f}"
            f"    rss {ratio['treeRssMiB']:4.2f}"
            f"  first event {ratio.get('eventSeconds', math.nan):6.2f}\n"
        )
    sys.stdout.write(f"bound {BOUND} to minimal, CPU and wall: {'kept' if passed else 'missed'}\n")
    return 0 if passed else 1


def summary(measured: Sequence[FirstSocket]) -> dict[str, float]:
    """Return medians, and the least wall time: what it is when no one disturbs."""
    events = [one.event_seconds for one in measured if one.event_seconds is not None]
    return ({"eventSeconds": statistics.median(events)} if events else {}) | {
        "wallSeconds": statistics.median(one.wall_seconds for one in measured),
        "leastWallSeconds": min(one.wall_seconds for one in measured),
        "cpuSeconds": statistics.median(one.cpu_seconds for one in measured),
        "rssMiB": statistics.median(one.rss_mib for one in measured),
        "treeCpuSeconds": statistics.median(one.tree_cpu_seconds for one in measured),
        "treeRssMiB": statistics.median(one.tree_rss_mib for one in measured),
    }


if __name__ == "__main__":
    sys.exit(main())
