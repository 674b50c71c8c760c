"""PostgreSQL as a child process: initialise, start, prove it is ours, stop."""

import asyncio
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from netra_ops.errors import DataInUse, SecretLost, ServerStartFailed
from netra_ops.services import postmaster_pid
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.log_file import open_for_append, size, tail, text_from
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.postgres_install import PostgresInstall, find_install
from netra_ops.services.secret_file import read_or_create_secret
from netra_ops.services.unprivileged import Unprivileged, needed_user, reachable_directory

READY_POLL_SECONDS = 0.01  # the file is rewritten once when ready; a start takes 40 to 300 ms
PORT_ATTEMPTS = 5  # a kernel-chosen port can be taken before the server binds it
STOP_SECONDS = 7.0

_DURABLE = {"synchronous_commit": "on"}
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}


class EmbeddedPostgres:
    """One PostgreSQL server on the loopback interface.

    Not tied to an event loop: it may be started in one and stopped in another. The server gets
    SIGQUIT when this process ends for any reason, and never outlives it.

    Args:
        data_dir: holds ``postgres.log``, ``password`` and the cluster. When the caller is root
            and ``nobody`` cannot reach it, the last two live in a substitute directory (see
            ``unprivileged.reachable_directory``); ``cluster`` is where.
        port: 0 lets the kernel choose at each start.
        user: the superuser's name. database: created when missing.
        password: generated once and kept in a file (mode 600) beside the cluster when None.
        max_connections: bound on concurrent sessions.
        throwaway: trade durability for speed (fsync off) and delete the cluster on ``stop``.
        log_path: what the server writes; ``data_dir/postgres.log`` when None. Only appended to.
        settings: further server settings, they win.
        start_seconds: deadline from start to ready, crash recovery included.
        predecessor_seconds: how long a server whose supervisor was killed may take to leave;
            the kernel signals it, and it does so within 0.1 s, at worst its own 5 s.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        user: str = "netra",
        database: str = "netra",
        password: str | None = None,
        max_connections: int = 100,
        throwaway: bool = False,
        log_path: Path | None = None,
        settings: dict[str, str] | None = None,
        start_seconds: float = 90.0,
        predecessor_seconds: float = 6.0,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.user = user
        self.database = database
        self.start_seconds = start_seconds
        self._predecessor_seconds = predecessor_seconds
        self._wanted_port = port
        self._port = 0
        self._password = password
        self._throwaway = throwaway
        self.log_path = log_path or self.data_dir / "postgres.log"
        self._settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": str(max_connections),
            "shared_buffers": "64MB",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "jit": "off",
            **(_THROWAWAY if throwaway else _DURABLE),
            **(settings or {}),
        }
        self._child: ChildProcess | None = None
        self.cluster = self.data_dir / "cluster"

    @property
    def pid(self) -> int:
        """Process id of the postmaster; 0 when it is not running."""
        return 0 if self._child is None else self._child.pid

    @property
    def port(self) -> int:
        """The TCP port; 0 before the first start."""
        return self._port

    @property
    def url(self) -> str:
        """``postgresql://user:password@127.0.0.1:port/database``; a secret."""
        return self.database_url(self.database)

    def database_url(self, database: str) -> str:
        """Return the URL of another database on this server; a secret."""
        password = quote(self._password or "", safe="")
        return f"postgresql://{self.user}:{password}@{LOOPBACK}:{self._port}/{database}"

    @property
    def child(self) -> ChildProcess:
        """The running server's process.

        Raises:
            RuntimeError: it has not been started.
        """
        if self._child is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._child

    async def start(self) -> None:
        """Initialise when needed, start, and return once the server accepts sessions.

        Raises:
            DataInUse: another living server works on the same data.
            SecretLost: there is a cluster, and its generated password is gone.
            ServerStartFailed: it ended or missed the deadline; carries its last log lines.
            StorageRefused, SomethingAbsent: see ``find_install`` and ``reachable_directory``.
        """
        deadline = asyncio.timeout(self.start_seconds)
        try:
            async with deadline:
                await self._start()
        except TimeoutError:
            await self._end_child()
            if not deadline.expired():
                raise
            raise self._failure(f"was not ready after {self.start_seconds:g} s") from None
        except BaseException:
            await self._end_child()
            raise

    async def _start(self) -> None:
        install = await asyncio.to_thread(self._prepare)
        await self._await_predecessor()
        for attempt in range(1, PORT_ATTEMPTS + 1):
            self._port = self._wanted_port or free_port()
            log_end = size(self.log_path)
            self._child = self._spawn(install)
            status = await self._ready_or_exit_status()
            if status is None:
                self._wanted_port = self._port  # its clients know it now: a restart keeps it
                return
            words = text_from(self.log_path, log_end)
            lost_race = "could not bind" in words and self._wanted_port == 0
            leftover = "pre-existing shared memory block" in words  # a killed server's children
            if attempt == PORT_ATTEMPTS or not (lost_race or leftover):
                raise self._failure(f"ended with status {status}")

    def _prepare(self) -> PostgresInstall:
        user = needed_user()
        self.data_dir.mkdir(mode=0o700 if user is None else 0o711, parents=True, exist_ok=True)
        install = find_install(user)
        self._locate(user)
        is_new = not (self.cluster / "PG_VERSION").exists()
        if self._password is None:
            password_file = self.cluster.parent / "password"
            if not is_new and not password_file.exists():
                raise SecretLost(
                    f"{password_file} is gone, and the database in {self.cluster} opens with no "
                    "other password",
                    remedy="restore the file, or start without the data: netra up --fresh",
                )
            self._password = read_or_create_secret(password_file)
        if is_new:
            install.initialise(
                self.cluster,
                superuser=self.user,
                password=self._password,
                database=self.database,
                durable=not self._throwaway,
            )
        return install

    def _locate(self, user: Unprivileged | None) -> None:
        place = self.data_dir
        if user is not None:
            place = reachable_directory(self.data_dir, user, throwaway=self._throwaway)
        self.cluster = place / "cluster"

    async def _await_predecessor(self) -> None:
        """Let a server whose supervisor was killed finish dying, then clear its lock file."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._predecessor_seconds
        while (pid := postmaster_pid.living_postmaster(self.cluster)) is not None:
            if loop.time() > give_up:
                raise DataInUse(
                    f"PostgreSQL with pid {pid} already works on {self.cluster}",
                    remedy=f"stop it (kill -INT {pid}) or choose another data directory",
                    pid=pid,
                )
            await asyncio.sleep(READY_POLL_SECONDS)
        postmaster_pid.remove_stale(self.cluster)

    def _spawn(self, install: PostgresInstall) -> ChildProcess:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        argv: list[str | Path] = [
            install.server,
            "-D",
            self.cluster,
            f"--port={self._port}",
            *options,
        ]
        user = None if install.user is None else (install.user.uid, install.user.gid)
        with open_for_append(self.log_path) as log:
            return ChildProcess.start(
                argv,
                name="postgres",
                output=log,
                environment={"PATH": os.defpath, "TZ": "UTC"},
                user=user,
                death_signal=signal.SIGQUIT,
            )

    async def _ready_or_exit_status(self) -> int | None:
        """Poll the lock file until it names our child as ready; a stranger's never does."""
        while True:
            if (status := self.child.exit_status) is not None:
                return status
            lock = postmaster_pid.read(self.cluster)
            if lock is not None and lock.ready and lock.pid == self.child.pid:
                return None
            await asyncio.sleep(READY_POLL_SECONDS)

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End the server within about ``seconds``; a second call does nothing.

        SIGINT ends the sessions and writes a checkpoint; most of the time is its. SIGQUIT leaves
        immediately and the next start recovers from the log; then comes SIGKILL.
        """
        await self._end_child(seconds)
        if self._throwaway:
            await asyncio.to_thread(self.remove)

    def remove(self) -> None:
        """Delete the cluster, and its substitute directory if there is one; call when stopped."""
        if not self.data_dir.exists():
            return
        self._locate(needed_user())
        shutil.rmtree(self.cluster, ignore_errors=True)
        if self.cluster.parent != self.data_dir:
            shutil.rmtree(self.cluster.parent, ignore_errors=True)

    async def _end_child(self, seconds: float = STOP_SECONDS) -> None:
        if self._child is not None:
            steps = ((signal.SIGINT, seconds * 0.7), (signal.SIGQUIT, seconds * 0.3))
            await self._child.stop(steps)
            self._child = None

    def _failure(self, how: str) -> ServerStartFailed:
        return ServerStartFailed(f"PostgreSQL {how}", log_tail=tail(self.log_path, 15))
