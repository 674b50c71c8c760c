"""A service as a child process of the test, on a port chosen by the kernel."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from netra_ops.services.child_process import ChildProcess
from netra_ops.services.loopback import LOOPBACK, free_port

PROJECT = Path(__file__).parents[2]
START_SECONDS = 90.0  # importing on a starved machine; about 1 s on an idle one
STOP_STEPS = ((signal.SIGTERM, 9.0),)


class ServiceProcess:
    """Runs ``python -m module``.

    Args:
        log_path: receives what the service writes, JSON lines.
        environment: settings of the service; HOST, PORT and LOG_FORMAT are set here.
        module: what to run.
        prefix: a program that executes its arguments, for namespaces; absolute path first.
    """

    def __init__(
        self,
        log_path: Path,
        environment: Mapping[str, str],
        *,
        module: str = "tests.resilience.small_service",
        prefix: Sequence[str] = (),
    ) -> None:
        self._log_path = log_path
        self._environment = dict(environment)
        self._argv = [*prefix, sys.executable, "-m", module]
        self._child: ChildProcess | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def child(self) -> ChildProcess:
        """The running process."""
        assert self._child is not None
        return self._child

    async def start(self) -> None:
        """Start and wait until it answers ``/health``."""
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "HOST": LOOPBACK,
            "PORT": str(self.port),
            "LOG_FORMAT": "json",
            **self._environment,
        }
        with self._log_path.open("ab") as log:
            self._child = ChildProcess.start(
                self._argv,
                name="service",
                output=log,
                environment=environment,
                working_directory=PROJECT,
            )
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            while not await self._answers(client):
                assert self.child.exit_status is None, self._log_path.read_text()[-3000:]
                await asyncio.sleep(0.02)

    async def ready(self) -> None:
        """Wait until ``/health/ready`` says ``pass``; the caller sets the deadline."""
        async with httpx.AsyncClient() as client:
            while not await self._passes(client):
                assert self.child.exit_status is None, self._log_path.read_text()[-3000:]
                await asyncio.sleep(0.02)

    async def _passes(self, client: httpx.AsyncClient) -> bool:
        answer = await client.get(f"{self.url}/health/ready")
        return bool(answer.json()["status"] == "pass")

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/health")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        """End it as Cloud Run does."""
        if self._child is not None:
            await self._child.stop(STOP_STEPS)
            self._child = None

    def log(self, event: str) -> list[dict[str, Any]]:
        """Return the records logged with the message ``event``."""
        whole, _, _being_written = self._log_path.read_text().rpartition("\n")
        lines = whole.splitlines()
        records = [json.loads(line) for line in lines if line.startswith("{")]
        return [record for record in records if record.get("message") == event]
