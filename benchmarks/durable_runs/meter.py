"""What one contestant uses, read in its own process."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import asyncpg
import psutil

IDLE_SECONDS = 8.0
_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one contestant in one round; CPU in milliseconds, of this process alone."""

    start_cpu_ms: float
    start_memory_mb: float
    threads: int
    connections: int
    run_cpu_ms: float
    run_commits: float
    idle_cpu_ms_per_second: float


class Meter:
    """Starts to measure when it is made: before the contestant imports what only it needs."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._cpu = time.process_time()
        self._memory = self._process.memory_info().rss
        self._threads = threading.active_count()

    async def measure(self, url: str, run: Callable[[], Awaitable[None]], runs: int) -> None:
        """Measure ``runs`` runs and an idle while, and print the figures as JSON."""
        started = time.process_time() - self._cpu
        memory = self._process.memory_info().rss - self._memory
        await run()
        connection = await asyncpg.connect(url)
        try:
            commits = await connection.fetchval(_COMMITS)
            cpu = time.process_time()
            for _ in range(runs):
                await run()
            cpu = time.process_time() - cpu
            await asyncio.sleep(1.5)  # PostgreSQL publishes its statistics at most once a second
            commits = await connection.fetchval(_COMMITS) - commits
            sessions = await connection.fetchval(_SESSIONS) - 1
            idle = time.process_time()
            await asyncio.sleep(IDLE_SECONDS)
            idle = time.process_time() - idle
        finally:
            await connection.close()
        figures = Figures(
            start_cpu_ms=started * 1000,
            start_memory_mb=memory / 1e6,
            threads=threading.active_count() - self._threads,
            connections=sessions,
            run_cpu_ms=cpu / runs * 1000,
            run_commits=commits / runs,
            idle_cpu_ms_per_second=idle / IDLE_SECONDS * 1000,
        )
        print(json.dumps(asdict(figures)), flush=True)
