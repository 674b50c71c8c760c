"""The emulator as a child process, for tests and for tools in Python."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netra_cloud.run.server import ADDRESS_FILE

START_SECONDS = 30.0  # it takes 0.6 s on a quiet machine
STOP_SECONDS = 30.0  # instances get 10 s of it
_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class RunOptions:
    """How to run it; see `server.ServerOptions`."""

    data: Path
    port: int = 0
    clock_factor: float = 1.0
    propagation_seconds: float = 0.0
    grpc: bool = False
    project: str = "local"
    location: str = "us-central1"


@dataclass(frozen=True)
class LocalCloudRun:
    """A running emulator.

    Attributes:
        api: base address of the REST APIs.
        data: base address of the run.app port.
        grpc: host and port of the gRPC front, or None.
    """

    pid: int
    api: str
    data: str
    grpc: str | None
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it without any chance to clean up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def local_cloud_run(options: RunOptions) -> Iterator[LocalCloudRun]:
    """Run the emulator in a process of its own until the block ends.

    Raises:
        OSError: it did not start; its output is in ``DATA/emulator.log``.
    """
    options.data.mkdir(parents=True, exist_ok=True)
    address_file = options.data / ADDRESS_FILE
    address_file.unlink(missing_ok=True)
    log = options.data / "emulator.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter
            [
                sys.executable,
                "-m",
                "netra_cloud.run",
                *("--data", str(options.data)),
                *("--port", str(options.port)),
                *("--clock-factor", str(options.clock_factor)),
                *("--propagation", str(options.propagation_seconds)),
                *(("--grpc",) if options.grpc else ()),
            ],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        found = _wait(process, address_file, log)
        yield LocalCloudRun(found["pid"], found["api"], found["data"], found["grpc"], process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)


def _wait(process: subprocess.Popen[bytes], address_file: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if address_file.exists():
            found: dict[str, Any] = json.loads(address_file.read_text())
            return found
        if process.poll() is not None:
            break
        time.sleep(_POLL_SECONDS)
    last = log.read_text(errors="replace")[-2000:]
    raise OSError(f"the local Cloud Run did not start within {START_SECONDS} s: {last}")
