"""The whole platform, as ``netra up --detach`` starts it, for one test worker."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from netra_ops.services.loopback import free_port
from netra_ops.stack.paths import StackPaths, project_root
from netra_ops.stack.state import StackState, read_running
from test_framework.platform.model_server import MODEL

START_SECONDS = 180.0  # 8 s on a quiet machine; 40 s were seen on two busy cores
BUILD_SECONDS = 360.0  # packages and pages, when neither is there yet; 60 s on a quiet machine
STOP_SECONDS = 60.0  # the promised 10 s are asserted by netra_ops/tests/integration/stack
POLL_SECONDS = 0.05
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "NETRA_DATA_DIR", "JWT_SECRET_KEY")


@dataclass(frozen=True)
class Stack:
    """A running platform."""

    paths: StackPaths
    port: int

    @property
    def url(self) -> str:
        """Where the edge listens."""
        return f"http://localhost:{self.port}"

    def state(self) -> StackState:
        """Return what runs; fails when the supervisor does not."""
        state = read_running(self.paths.state)
        assert state is not None, "the supervisor ended"
        return state

    def send_to_backend(self, number: signal.Signals) -> int:
        """Send the backend a signal; its supervisor starts it again. Returns the process id."""
        pid = self.state().parts["backend"].pid
        os.kill(pid, number)
        return pid

    async def until_backend_is_back(self, former: int) -> None:
        """Wait until another process than ``former`` is ready behind the edge."""
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(timeout=START_SECONDS) as http:
            while True:
                part = self.state().parts["backend"]
                if part.pid not in {0, former}:
                    answer = await http.get(f"{self.url}/health/ready")
                    if answer.status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(POLL_SECONDS)

    def log_files(self) -> list[Path]:
        """Return every log of every part."""
        return sorted(self.paths.logs.iterdir())


@contextmanager
def running_stack(data_dir: Path, model_url: str, *, frontend: bool = False) -> Iterator[Stack]:
    """Start the platform in ``data_dir`` and stop it at the end.

    Args:
        data_dir: empty; readable for the unprivileged user that runs PostgreSQL for root.
        model_url: of a server with OpenAI's chat completions.
        frontend: build and serve the pages too, for tests in a browser.
    """
    environment = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED} | {
        "NETRA_MODEL": MODEL,
        "NETRA_MODEL_BASE_URL": model_url,
        "LOG_LEVEL": "debug",  # what must not be logged must not be logged at any level
    }
    stack = Stack(StackPaths(data_dir), free_port())
    arguments = ["--data-dir", str(data_dir), "--port", str(stack.port)]
    if not frontend:
        arguments.append("--no-frontend")
    output = data_dir / "supervisor.log"
    with output.open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "netra_ops.stack.daemon", *arguments],
            cwd=project_root(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        seconds = START_SECONDS + (BUILD_SECONDS if frontend else 0.0)
        _wait(lambda: _is_ready(stack, supervisor, output), seconds)
        yield stack
    finally:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_SECONDS)
        finally:
            supervisor.kill()
            supervisor.wait()


def _is_ready(stack: Stack, supervisor: "subprocess.Popen[bytes]", output: Path) -> bool:
    assert supervisor.poll() is None, f"the platform did not start:\n{output.read_text()}"
    state = read_running(stack.paths.state)
    return state is not None and state.ready


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not ready after {seconds:g} s"
        time.sleep(POLL_SECONDS)
