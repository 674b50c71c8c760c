"""The examples are run as their docstrings say."""

import asyncio
import os
import sys
from pathlib import Path
from uuid import uuid4

from netra_client.tests.unit.wire_http import PASSWORD
from netra_client.tests.unit.wire_server import WireServer

DEADLINE = 120.0


async def run_example(name: str, *arguments: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"netra_client.examples.{name}",
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    return output.decode()


async def test_ask(wire: WireServer) -> None:
    output = await run_example(
        "ask",
        wire.url,
        "four words come back",
        NETRA_EMAIL="a@example.org",
        NETRA_PASSWORD=PASSWORD,
    )
    assert output == "four words come back \n"


async def test_follow_continues_where_it_stopped(wire: WireServer, tmp_path: Path) -> None:
    thread_id, run_id = uuid4(), uuid4()
    wire.active[thread_id] = run_id
    for kind in ("RUN_STARTED", *["CUSTOM"] * 4):
        await wire.publish(thread_id, run_id, {"type": kind})
    arguments = (wire.url, str(thread_id), str(tmp_path / "position.json"))
    first = await run_example("follow", *arguments, "2", NETRA_TOKEN="t0")
    second = await run_example("follow", *arguments, "3", NETRA_TOKEN="t0")
    assert first == "1 RUN_STARTED\n2 CUSTOM\n"
    assert second == "3 CUSTOM\n4 CUSTOM\n5 CUSTOM\n"
