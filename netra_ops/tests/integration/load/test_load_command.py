"""The load test's script against the real services behind the real edge."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from netra_ops.load.result import read_result
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.faults.processes import frozen
from test_framework.project import PROJECT_ROOT
from test_framework.waiting import eventually

pytestmark = pytest.mark.integration

SCRIPT = "scripts/websocket_load_test.py"
FREEZE_SECONDS = 6.0  # the freeze of gatling#2077, which was missing from its percentiles


def start(edge: HttpServer, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, SCRIPT, "--url", f"http://127.0.0.1:{edge.port}", *arguments],
        cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


async def pings_of(backend: HttpServer) -> float:
    async with httpx.AsyncClient(timeout=30) as http:
        text = (await http.get(f"http://{LOOPBACK}:{backend.port}/metrics")).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "netra_websocket_commands_total" and sample.labels["method"] == "ping"
    )


async def test_a_freeze_of_6_s_is_in_p99_and_the_accounting_balances(
    edge: HttpServer, backend: HttpServer, tmp_path: Path
) -> None:
    result = tmp_path / "result.json"
    process = start(
        edge, "--scenario", "idle", "--concurrent", "4", "--interval", "200ms", "--duration", "20s",
        "--json", "--result", str(result), "--success-rate-threshold", "0",
    )  # fmt: skip

    async def is_loaded() -> bool:
        return await pings_of(backend) > 20

    await eventually(is_loaded, within=60)
    with frozen(backend.pid), pytest.raises(subprocess.TimeoutExpired):
        # Nothing ends this wait but the time: the load continues while the instance is frozen.
        await asyncio.to_thread(process.wait, FREEZE_SECONDS)
    stdout, stderr = await asyncio.to_thread(process.communicate, timeout=200)
    assert stdout, stderr
    document = json.loads(stdout)
    assert document["intended"] == document["sent"] + document["dropped"]
    assert document["steps"]["operation"]["p99Ms"] > 4000, document
    assert read_result(result).figures.imbalances() == []
