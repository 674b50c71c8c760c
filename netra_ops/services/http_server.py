"""An HTTP server as a child process: start, prove it is ours and ready, stop."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from netra_ops.errors import ConfigurationRefused, ServerStartFailed
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_probe import get
from netra_ops.services.log_file import open_for_append, size, tail, text_from
from netra_ops.services.loopback import LOOPBACK

READY_POLL_SECONDS = 0.025
PROBE_SECONDS = 2.0
STOP_AFTER_FAILURE_SECONDS = 1.0  # it never served anybody: nothing to drain
HTTP_OK = 200
_PROBLEMS_HEADING = "problem(s) in the configuration"  # of netra_shared.errors.ConfigurationError


class HttpServer:
    """A program that serves HTTP on a loopback port.

    Args:
        name: for messages and logs.
        argv: absolute path of the program and its arguments; no secrets.
        port: where it will listen, by its own configuration.
        ready_path: answers 200 once the server can serve.
        log_path: what it writes.
        environment: its whole environment; the parent's when None.
        working_directory: where it runs.
        start_seconds: deadline from start to ready.
        stop_signal: asks it to end.
        prepare: called before every start, to write what the program reads.
        any_status: any answer shows that it can serve; for a proxy, whose answer may be that what
            is behind it is unavailable.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        port: int,
        ready_path: str,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        working_directory: Path | None = None,
        start_seconds: float = 90.0,
        stop_signal: signal.Signals = signal.SIGTERM,
        prepare: Callable[[], None] | None = None,
        any_status: bool = False,
    ) -> None:
        self.name = name
        self.port = port
        self.log_path = log_path
        self.ready_path = ready_path
        self.start_seconds = start_seconds
        self._argv = argv
        self._environment = environment
        self._working_directory = working_directory
        self._stop_signal = stop_signal
        self._prepare = prepare
        self._any_status = any_status
        self._child: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """Process id; 0 when it is not running."""
        return 0 if self._child is None else self._child.pid

    @property
    def child(self) -> ChildProcess:
        """The running server's process.

        Raises:
            RuntimeError: it has not been started.
        """
        if self._child is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._child

    async def start(self) -> None:
        """Start and return once our child itself answers the readiness path with 200.

        Raises:
            ServerStartFailed: it ended or missed the deadline; carries its last log lines.
        """
        if self._prepare is not None:
            self._prepare()
        log_end = size(self.log_path)
        with open_for_append(self.log_path) as log:
            self._child = ChildProcess.start(
                self._argv,
                name=self.name,
                output=log,
                environment=self._environment,
                working_directory=self._working_directory,
            )
        try:
            how = await self._ready_or_failure()
        except BaseException:
            await self.stop(STOP_AFTER_FAILURE_SECONDS)
            raise
        if how is not None:
            refused = self.child.exit_status == ConfigurationRefused.exit_code
            await self.stop(STOP_AFTER_FAILURE_SECONDS)
            raise self._refusal(log_end) if refused else self._failure(how, log_end)

    async def _ready_or_failure(self) -> str | None:
        """Wait; return None when ready, else how it failed."""
        try:
            async with asyncio.timeout(self.start_seconds):
                while not await self.is_ready():
                    if (status := self.child.exit_status) is not None:
                        return describe_exit(status)
                    await asyncio.sleep(READY_POLL_SECONDS)
        except TimeoutError:
            return f"was not ready after {self.start_seconds:g} s"
        return None

    async def is_ready(self) -> bool:
        """Return whether the readiness path answers 200 and the port is our child's."""
        answer = await get(LOOPBACK, self.port, self.ready_path, timeout_seconds=PROBE_SECONDS)
        if answer is None or not (self._any_status or answer.status == HTTP_OK):
            return False
        return self._owns_port()

    def _owns_port(self) -> bool:
        """Another server on the port may answer 200 as well; ask the kernel whose it is."""
        import psutil  # noqa: PLC0415  # 0.1 s, spent while the children start

        try:
            connections = psutil.Process(self.child.pid).net_connections(kind="tcp")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == self.port
            for connection in connections
        )

    async def stop(self, seconds: float = 5.0) -> None:
        """Ask it to end, then SIGKILL after ``seconds``; a second call does nothing."""
        if self._child is not None:
            await self._child.stop([(self._stop_signal, seconds)])
            self._child = None

    def _failure(self, how: str, log_end: int) -> ServerStartFailed:
        words = text_from(self.log_path, log_end) or tail(self.log_path, 15)
        return ServerStartFailed(
            f"{self.name} {how}",
            log_tail="\n".join(words.splitlines()[-15:]),
            remedy=f"read the rest with: netra logs {self.name}",
        )

    def _refusal(self, log_end: int) -> ConfigurationRefused:
        """Keep of the log what names the problems: the lines from their heading on."""
        lines = text_from(self.log_path, log_end).splitlines()
        heading = next((n for n, line in enumerate(lines) if _PROBLEMS_HEADING in line), 0)
        return ConfigurationRefused(
            f"{self.name} refuses its configuration",
            log_tail="\n".join(lines[heading:]),
            remedy="correct these environment variables; docs/configuration.md explains each",
        )


def describe_exit(status: int) -> str:
    """Put an exit status into words: ``ended with status 1``, ``was ended by SIGKILL``."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"
