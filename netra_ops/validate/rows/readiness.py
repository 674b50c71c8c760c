"""Section 1: the Redis budget, the time of the health endpoint, logs, sockets without Valkey."""

import asyncio
import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import psutil

from netra_backend.app.health.policies import backend_policies
from netra_backend.app.websocket_core.gcp_initialization_validator import (
    GCPWebSocketInitializationValidator,
)
from netra_ops.validate.evidence import Evidence, Finding, Judged, NotPossible, judged
from netra_ops.validate.row import FULL_ONLY, Phase, Row, Suite
from netra_ops.validate.rows.connections import connect_many, successes
from netra_ops.validate.target import Target
from netra_shared.errors import ConfigurationError
from netra_shared.health.budget import READINESS_BUDGET_SECONDS, arithmetic
from netra_shared.health.policy import Budget, CheckPolicy
from netra_shared.settings import Environment

STAGING_REDIS = Budget(timeout_seconds=3.0, attempts=2, pause_seconds=0.5)
INCIDENT = Budget(timeout_seconds=30.0, attempts=1, pause_seconds=0.0)
HEALTH_REQUESTS = 20
BETWEEN_SECONDS = 0.05
SOCKETS_WITHOUT_STORE = 3
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02
_TIMEOUT = re.compile(r"timed out|TimeoutError|DeadlineExceeded|deadline exceeded", re.IGNORECASE)
_LOG_QUERY = "gcloud logging read 'severity>=ERROR textPayload:timeout'"


async def redis_budget(_target: Target) -> Finding:
    """Compare staging's Redis budget with the documented one, and let 30 s be refused."""
    return judge_redis_budget(backend_policies(Environment.STAGING))


def judge_redis_budget(policies: Mapping[str, CheckPolicy]) -> Judged:
    """Judge the policies of staging."""
    check = policies["redis"].check("redis", _answers)
    slow = {**policies, "redis": replace(policies["redis"], budget=INCIDENT)}
    return judged(
        [
            Evidence(
                "Redis on staging: 2 attempts of 3 s, 0.5 s apart",
                arithmetic(check),
                policies["redis"].budget == STAGING_REDIS,
            ),
            Evidence(
                f"the worst case stays below {READINESS_BUDGET_SECONDS:g} s",
                f"{check.worst_case_seconds:g} s",
                check.worst_case_seconds < READINESS_BUDGET_SECONDS,
            ),
            _refuses(slow),
        ]
    )


def _refuses(policies: Mapping[str, CheckPolicy]) -> Evidence:
    demanded = "a Redis timeout of 30 s is refused at start"
    try:
        GCPWebSocketInitializationValidator(
            Environment.STAGING, dict.fromkeys(policies, _answers), policies=policies
        )
    except ConfigurationError as error:
        return Evidence(demanded, error.detail.splitlines()[0], "redis" in error.detail)
    return Evidence(demanded, "it was accepted", holds=False)


async def _answers() -> None:
    """A check that succeeds; budgets are computed without a dependency."""


async def health_time(target: Target) -> Finding:
    """Ask for readiness many times; every answer must be 200 and fast."""
    taken, statuses = await _ask_health(target, HEALTH_REQUESTS)
    slowest = max(taken)
    median = sorted(taken)[len(taken) // 2]
    return judged(
        [
            Evidence(
                f"each of {HEALTH_REQUESTS} answers takes less than {target.bounds.health:g} s",
                f"slowest {slowest * 1000:.1f} ms, median {median * 1000:.1f} ms",
                slowest < target.bounds.health,
            ),
            Evidence(
                "each answer is 200",
                ", ".join(
                    f"{status}: {statuses.count(status)}" for status in sorted(set(statuses))
                ),
                set(statuses) == {httpx.codes.OK},
            ),
        ]
    )


async def _ask_health(target: Target, count: int) -> tuple[list[float], list[int]]:
    taken: list[float] = []
    statuses: list[int] = []
    patience = target.bounds.health * 2  # so that a slow answer is a number and no error
    async with httpx.AsyncClient(base_url=target.address, timeout=patience) as http:
        for _ in range(count):
            started = time.monotonic()
            answer = await http.get("/health/ready")
            taken.append(time.monotonic() - started)
            statuses.append(answer.status_code)
            await asyncio.sleep(BETWEEN_SECONDS)
    return taken, statuses


async def logs(target: Target) -> Finding:
    """Look for timeouts in what the parts logged since the run started."""
    if target.local is None:
        return NotPossible(f"the logs are in the cloud; look with: {_LOG_QUERY}")
    sizes = target.record.log_sizes
    files = sorted(target.local.logs.glob("*.log"))
    found: list[str] = []
    read = 0
    for file in files:
        new = await asyncio.to_thread(_new_lines, file, sizes.get(file, 0))
        read += len(new)
        found += [f"{file.name}: {line[:160]}" for line in new if _TIMEOUT.search(line)]
    seen = "; ".join(found[:3]) if found else f"none in {read} lines of {len(files)} files"
    return judged(
        [
            Evidence("the logs of the run name no timeout", seen, not found),
            Evidence("the logs were found", f"{len(files)} files", bool(files)),
        ]
    )


def _new_lines(file: Path, offset: int) -> list[str]:
    with file.open("rb") as source:
        # A rotated file is shorter than before: then all of it is new.
        source.seek(offset if file.stat().st_size >= offset else 0)
        return source.read().decode(errors="replace").splitlines()


async def without_store(target: Target) -> Finding:
    """Freeze Valkey; sockets must open meanwhile and readiness must answer."""
    if target.local is None:
        return NotPossible("Valkey is frozen on the local stack only; run: netra up")
    if not target.local.store_pid:
        return NotPossible("Valkey is no process of this stack; start it with: netra up")
    await target.tokens.token()
    with _frozen(target.local.store_pid):
        results = await connect_many(target, SOCKETS_WITHOUT_STORE)
        taken, statuses = await _ask_health(target, 3)
    after = await connect_many(target, SOCKETS_WITHOUT_STORE)
    return judged(
        [
            successes(results, 100.0, "sockets while Valkey is frozen"),
            Evidence(
                f"readiness answers within {target.bounds.health:g} s meanwhile",
                f"slowest {max(taken) * 1000:.1f} ms, status {sorted(set(statuses))}",
                max(taken) < target.bounds.health and set(statuses) == {httpx.codes.OK},
            ),
            successes(after, 100.0, "sockets after Valkey continues"),
        ]
    )


@contextmanager
def _frozen(pid: int) -> Iterator[None]:
    """Stop a process during the block (SIGSTOP), then let it continue."""
    process = psutil.Process(pid)
    process.send_signal(signal.SIGSTOP)
    try:
        give_up = time.monotonic() + STOP_SECONDS
        while process.status() != psutil.STATUS_STOPPED and time.monotonic() < give_up:
            time.sleep(POLL_SECONDS)
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


ROWS = (
    Row(
        "readiness.redis-budget",
        "Staging's Redis budget is the documented one, below 8 s",
        redis_budget,
        phase=Phase.ANYTIME,
        command="python -m pytest netra_backend/tests/unit/websocket_core/"
        "test_redis_timeout_fix_unit.py -xvs",
    ),
    Row(
        "readiness.health-time",
        "Health answers below 8 s, consistently",
        health_time,
        suites=frozenset({Suite.QUICK, Suite.FULL, Suite.PERFORMANCE}),
        command='curl -so /dev/null -w "%{time_total}\\n" {url}/health/ready',
    ),
    Row(
        "readiness.logs",
        "The logs of the run have no timeout errors",
        logs,
        phase=Phase.RECORDED,
        command="netra logs -n 5000 | grep -iE 'timed out|TimeoutError'",
    ),
    Row(
        "readiness.without-store",
        "Sockets work while Redis is unavailable",
        without_store,
        suites=FULL_ONLY,
        phase=Phase.DISTURBED,
        command="python -m pytest tests/resilience/test_valkey_outage_on_sockets.py -xvs",
    ),
)
