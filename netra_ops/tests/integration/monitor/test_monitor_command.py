"""The monitor's script against the real services behind the real edge."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from netra_ops.services.http_server import HttpServer
from test_framework.project import PROJECT_ROOT

pytestmark = pytest.mark.integration

SCRIPT = "scripts/websocket_connection_monitor.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, "--environment", "local", *arguments],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip


def summary(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert finished.stdout, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return document


async def test_a_healthy_platform_passes_with_figures(edge: HttpServer, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    finished = await asyncio.to_thread(
        run, "--url", f"http://127.0.0.1:{edge.port}", "--duration", "5s", "--rate", "4",
        "--sockets", "2", "--messages-per-minute", "30", "--json", "--report", str(report),
    )  # fmt: skip
    found = summary(finished)
    assert finished.returncode == 0, finished.stderr
    assert found["passed"] is True
    assert found["successRate"] == 100
    assert found["probes"] >= 5
    assert found["closes"] == {"1000": found["probes"]}
    assert found["handshake"]["p99Ms"] > 0
    assert found["held"]["events"] > 0
    assert found["held"]["deliveryRate"] == 100
    assert len(found["instances"]) == 1
    assert "PASSED" in report.read_text()
    kinds = {json.loads(line)["type"] for line in finished.stdout.splitlines()}
    assert kinds == {"probe", "summary"}


async def test_a_platform_that_refuses_fails_below_the_threshold(
    edge: HttpServer, backend: HttpServer
) -> None:
    work = asyncio.create_task(
        asyncio.to_thread(
            run,
            "--url",
            f"http://127.0.0.1:{edge.port}",
            "--duration",
            "6s",
            "--rate",
            "4",
            "--sockets",
            "0",
            "--json",
        )
    )
    await backend.stop(10.0)
    finished = await work
    found = summary(finished)
    assert finished.returncode == 1, finished.stderr
    assert found["passed"] is False
    assert found["outcomes"]["refused"] > 0
    assert found["codes"]
