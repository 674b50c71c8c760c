"""The same services as containers, through ``docker compose``, where an engine answers."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from netra_ops.errors import OperatorError
from test_framework.project import PROJECT_ROOT

ENGINE_SECONDS = 2.0  # an engine on this machine answers in 0.1 s
UP_SECONDS = 600.0  # the first time it downloads two images and builds one
DOWN_SECONDS = 60.0
SHOWN_LINES = 15


class ContainersFailed(OperatorError):
    """``docker compose`` failed, or did not finish in time."""

    code = "containers_failed"
    title = "Containers failed"


@dataclass(frozen=True)
class DockerCompose:
    """One Compose file.

    Args:
        compose_file: what to start.
        program: the client; None looks for ``docker`` on PATH.
    """

    compose_file: Path
    program: str | None = None

    def objection(self) -> str:
        """Say why containers are not possible here; empty when they are."""
        client = self._client
        if client is None:
            return "docker is not installed"
        engine = _run([client, "version", "--format", "{{.Server.Version}}"], ENGINE_SECONDS)
        if engine is None:
            return f"no Docker engine answers within {ENGINE_SECONDS:g} s"
        if engine.returncode != 0:
            return "no Docker engine answers"
        compose = _run([client, "compose", "version", "--short"], ENGINE_SECONDS)
        if compose is None or compose.returncode != 0:
            return "docker has no compose plugin"
        return ""

    def is_up(self) -> bool:
        """Return whether any container of the file runs."""
        listed = self._compose("ps", "--quiet", seconds=DOWN_SECONDS)
        return listed is not None and listed.returncode == 0 and bool(listed.stdout.strip())

    def up(self) -> None:
        """Start everything and wait until it is healthy.

        Raises:
            ContainersFailed: with the last lines that ``docker compose`` wrote.
        """
        self._must("up", "--detach", "--wait", "--build", seconds=UP_SECONDS)

    def down(self) -> None:
        """Stop and remove everything.

        Raises:
            ContainersFailed: with the last lines that ``docker compose`` wrote.
        """
        self._must("down", "--volumes", seconds=DOWN_SECONDS)

    @property
    def _client(self) -> str | None:
        return shutil.which(self.program or "docker")

    def _must(self, *arguments: str, seconds: float) -> None:
        finished = self._compose(*arguments, seconds=seconds)
        if finished is None:
            raise ContainersFailed(
                f"docker compose {arguments[0]} was not done after {seconds:g} s",
                remedy="look at: docker compose ls",
            )
        if finished.returncode != 0:
            last = "\n".join(finished.stdout.strip().splitlines()[-SHOWN_LINES:])
            raise ContainersFailed(
                f"docker compose {arguments[0]} failed with status {finished.returncode}:\n{last}",
                remedy=f"run it by hand: docker compose -f {self.compose_file} {arguments[0]}",
            )

    def _compose(
        self, *arguments: str, seconds: float
    ) -> "subprocess.CompletedProcess[str] | None":
        client = self._client
        assert client is not None, "ask objection() first"
        return _run([client, "compose", "--file", str(self.compose_file), *arguments], seconds)


def _run(argv: list[str], seconds: float) -> "subprocess.CompletedProcess[str] | None":
    """Run to the end; None when it took longer or could not be executed."""
    try:
        return subprocess.run(
            argv,
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
