"""Starts a supervisor in a process of its own and talks to it as an operator does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from netra_ops.services.loopback import free_port
from netra_ops.stack.identity import ProcessIdentity
from netra_ops.stack.paths import StackPaths
from netra_ops.stack.state import StackState, read_running

MODULE = "netra_ops.tests.integration.stack.tiny_stack"
START_SECONDS = 120
STOP_SECONDS = 10  # the promise


class RunningStack:
    """A started supervisor; ended, with all its parts, at the end of the block."""

    def __init__(self, data_dir: Path, *arguments: str, port: int = 0) -> None:
        self.paths = StackPaths(data_dir)
        self.port = port or free_port()
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(data_dir), str(self.port), *arguments],
            stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def wait_for(self, event: str) -> dict[str, Any]:
        """Read events up to one called ``event``; fail when the supervisor ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if self.events[-1]["event"] == event:
                return self.events[-1]
        raise AssertionError(f"no {event!r} among {self.events}")

    @property
    def state(self) -> StackState:
        """The state file, which must exist."""
        state = read_running(self.paths.state)
        assert state is not None
        return state

    def identities(self) -> dict[str, ProcessIdentity]:
        """Return every process: the parts and the supervisor."""
        return {**self.state.identities, "supervisor": self.state.supervisor}

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET through the edge."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=60, **options)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal the supervisor and return its exit status within the promised time."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)
