"""How the parts are: asked of each, at the moment of the question."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from netra_ops.services import postmaster_pid
from netra_ops.services.http_probe import Answer, get
from netra_ops.services.loopback import LOOPBACK
from netra_ops.services.resp import ServerRefused, ask
from netra_ops.services.supervisor import PartRecord, PartState
from netra_ops.stack.readiness_report import CheckReport, read_report
from netra_ops.stack.state import StackState

PROBE_SECONDS = 2.0
READY_PATHS = {
    "auth": "/health/ready?verbose=1",  # details: we ask from the same machine
    "backend": "/health/ready?verbose=1",
    "edge": "/",
    "frontend": "/version.json",
}
GOOD = frozenset({"healthy", "degraded", "external"})


@dataclass(frozen=True)
class PartStatus:
    """One row of ``netra status``; memory in bytes, uptime in seconds, 0 when unknown.

    ``checks`` are a service's readiness checks with their budgets.
    """

    name: str
    state: str
    health: str
    pid: int
    port: int
    uptime_seconds: float
    rss_bytes: int
    restarts: int
    started_in_seconds: float
    last_failure: str
    detail: str
    checks: tuple[CheckReport, ...] = ()


@dataclass(frozen=True)
class _Health:
    """How a part is, and its readiness checks when it has any."""

    word: str
    checks: tuple[CheckReport, ...] = ()


async def all_parts(state: StackState) -> list[PartStatus]:
    """Ask every part at the same time; takes at most ``PROBE_SECONDS``."""
    return list(await asyncio.gather(*(_status(record, state) for record in state.parts.values())))


async def _status(record: PartRecord, state: StackState) -> PartStatus:
    health = await _health(record, state)
    uptime, memory = (0.0, 0) if not record.pid else process_facts(record.pid)
    return PartStatus(
        record.name, str(record.state), health.word, record.pid, record.port, uptime, memory,
        record.restarts, round(record.started_in_seconds, 3), record.last_failure, record.detail,
        health.checks,
    )  # fmt: skip


async def _health(record: PartRecord, state: StackState) -> _Health:
    if record.state is PartState.EXTERNAL:
        return _Health("external")
    if record.state is not PartState.READY:
        return _Health(str(record.state))
    identity = state.identities.get(record.name)
    if identity is None or not identity.is_alive:
        return _Health("ended")
    if record.name == "postgres":
        cluster = Path(state.database_password_file).parent / "cluster"
        return _Health(_postgres_health(cluster, record.pid))
    if record.name == "valkey":
        return _Health(await _valkey_health(Path(state.valkey_password_file), record.port))
    return await _http_health(record.port, READY_PATHS[record.name])


def _postgres_health(cluster: Path, pid: int) -> str:
    try:
        lock = postmaster_pid.read(cluster)
    except PermissionError:
        return "unknown"
    return "healthy" if lock is not None and lock.pid == pid and lock.ready else "not ready"


async def _valkey_health(password_file: Path, port: int) -> str:
    try:
        password = await asyncio.to_thread(password_file.read_text)
        async with asyncio.timeout(PROBE_SECONDS):
            replies = await ask(LOOPBACK, port, [["AUTH", password.strip()], ["PING"]])
    except PermissionError:
        return "unknown"
    except (OSError, TimeoutError, ServerRefused, asyncio.IncompleteReadError):
        return "no answer"
    return "healthy" if replies[-1] == "PONG" else "not ready"


async def _http_health(port: int, path: str) -> _Health:
    answer = await get(LOOPBACK, port, path, timeout_seconds=PROBE_SECONDS)
    if answer is None:
        return _Health("no answer")
    return _Health(_word(answer), read_report(answer.body))


def _word(answer: Answer) -> str:
    try:
        status = json.loads(answer.body).get("status", "")
    except (ValueError, AttributeError):
        status = ""
    if status in {"warn", "degraded"}:
        return "degraded"
    return "healthy" if answer.status < 300 else f"status {answer.status}"  # noqa: PLR2004  # 2xx


def process_facts(pid: int) -> tuple[float, int]:
    """Return uptime in seconds and resident bytes of the process with all its descendants.

    Shared pages count once per process, so PostgreSQL's figure is an upper bound.
    """
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        memory = sum(member.memory_info().rss for member in family)
        return time.time() - process.create_time(), memory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0, 0
