"""What the local backend used meanwhile: CPU, memory, sockets, late imports."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import read_running

SAMPLE_SECONDS = 1.0
SCRAPE_SECONDS = 2.0
WATCHED = {
    "netra_websocket_connections": "sockets",
    "netra_runs_active": "active runs",
    "netra_stream_outage_bytes": "outage buffer, bytes",
}
LATE_IMPORTS = "late_imports_total"


@dataclass(slots=True)
class ServerFigures:
    """Highest values seen; empty where no local backend was found.

    Attributes:
        cpu_percent: of one core, gateway and agent process together.
        rss_bytes: of both.
        late_imports: total at the end, None when it was not read.
        highest: of each watched metric.
        timeline: (second, CPU percent, RSS in MiB).
    """

    cpu_percent: float = 0.0
    rss_bytes: int = 0
    late_imports: float | None = None
    highest: dict[str, float] = field(default_factory=dict)
    timeline: list[tuple[float, float, float]] = field(default_factory=list)


def local_backend(address: str) -> tuple[int, int] | None:
    """Return pid and port of the backend of the local stack at ``address``, if it is one."""
    running = read_running(stack_paths(None).state)
    if running is None or running.url != address or "backend" not in running.parts:
        return None
    part = running.parts["backend"]
    return part.pid, part.port


async def sample(pid: int, port: int, figures: ServerFigures) -> None:
    """Sample until this is cancelled."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    family = _family(pid)
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.cpu_percent()  # the first call of psutil only sets the starting point
    async with httpx.AsyncClient(timeout=SCRAPE_SECONDS) as http:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            cpu, rss = 0.0, 0
            for process in family:
                with contextlib.suppress(psutil.Error):
                    cpu += process.cpu_percent()
                    rss += process.memory_info().rss
            figures.cpu_percent = max(figures.cpu_percent, cpu)
            figures.rss_bytes = max(figures.rss_bytes, rss)
            figures.timeline.append((loop.time() - started, cpu, rss / 2**20))
            with contextlib.suppress(httpx.HTTPError):
                _read((await http.get(f"http://{LOOPBACK}:{port}/metrics")).text, figures)


def _read(document: str, figures: ServerFigures) -> None:
    late = 0.0
    for family in text_string_to_metric_families(document):
        for one in family.samples:
            if one.name in WATCHED:
                name = WATCHED[one.name]
                figures.highest[name] = max(figures.highest.get(name, 0.0), one.value)
            elif one.name == LATE_IMPORTS:
                late += one.value
    figures.late_imports = late


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []
