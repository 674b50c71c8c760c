"""The provider as a process."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from netra_cloud.terraform.stand_in.__main__ import MAGIC_COOKIE
from test_framework.waiting import eventually

DEADLINE = 120.0
# A terraform that starts the provider, waits for its handshake and is then killed.
KILLED_TERRAFORM = """
import os, signal, subprocess, sys
provider = subprocess.Popen(
    [sys.executable, "-m", "netra_cloud.terraform.stand_in"], stdout=subprocess.PIPE, text=True
)
print(provider.pid, provider.stdout.readline().strip(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_the_provider_ends_with_the_terraform_that_was_killed(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED_TERRAFORM],
        cwd=tmp_path,
        env={**os.environ, MAGIC_COOKIE: "set", "PYTHONPATH": str(Path(__file__).parents[5])},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    number, handshake = done.stdout.split()
    assert handshake.startswith("1|6|unix|")
    socket, process = Path(handshake.split("|")[3]), Path(f"/proc/{number}")
    await eventually(lambda: not process.exists(), within=DEADLINE, what="provider still there")
    await eventually(lambda: not socket.exists(), within=DEADLINE, what="socket left behind")


def test_by_hand_it_says_who_starts_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netra_cloud.terraform.stand_in"],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    assert done.returncode == 1
    assert "netra terraform" in done.stderr
