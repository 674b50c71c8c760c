"""``netra doctor`` as a process, against servers of the test."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from netra_client.tests.unit.diagnosis.faulty import http_server, websocket_server


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, "-m", "netra_ops.cli", "doctor", *arguments],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


async def test_any_websocket_that_works_is_exit_0() -> None:
    async with websocket_server() as port:
        finished = await asyncio.to_thread(run, f"ws://127.0.0.1:{port}/any")
    assert finished.returncode == 0, finished.stderr
    assert "No cause found" in finished.stdout


async def test_a_refusal_is_exit_1_and_json_names_the_refuser() -> None:
    async with http_server(
        "503 Service Unavailable", {"Server": "envoy"}, b"no healthy upstream"
    ) as port:
        finished = await asyncio.to_thread(run, f"http://127.0.0.1:{port}", "--json")
    assert finished.returncode == 1, finished.stderr
    document = json.loads(finished.stdout)
    assert (document["cause"], document["refusedBy"]) == ("upgrade", "edge")


@pytest.mark.parametrize("url", ["ftp://localhost", "http://user:secret@localhost"])
def test_what_is_no_address_is_wrong_usage(url: str) -> None:
    finished = run(url)
    assert finished.returncode == 2
    assert "-> give http(s)://host" in finished.stderr
    assert "secret" not in finished.stdout + finished.stderr
