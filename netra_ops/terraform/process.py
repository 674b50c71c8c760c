"""The terraform program as a process in the foreground."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.terminal import has_colour

CAPTURED_SECONDS = 120  # `show`, `output`: no provider work
# Sub-commands that take -no-color; terraform knows no variable for it.
_COLOURED = ("apply", "destroy", "init", "output", "plan", "refresh", "show", "test", "validate")


@dataclass(frozen=True)
class Terraform:
    """Terraform in one directory.

    Attributes:
        directory: its working directory.
        environment: over the caller's own variables.
    """

    directory: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> int:
        """Run to the end with the terminal as it is, and return the exit status.

        Ctrl-C reaches terraform alone, which finishes what it has started and releases its lock;
        this process must not end before it, nor kill it.
        """
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(
                [find_terraform(), *arguments],
                cwd=self.directory,
                env=self._variables(coloured=has_colour(sys.stdout)),
                check=False,
            ).returncode
        finally:
            signal.signal(signal.SIGINT, before)

    def read(self, *arguments: str, accepted: Collection[int] = (0,)) -> str:
        """Run a sub-command that only reports something, and return what it writes.

        Args:
            arguments: of terraform.
            accepted: exit statuses that are no failure.

        Raises:
            OperatorError: it fails; with the end of its output.
        """
        done = subprocess.run(
            [find_terraform(), *arguments],
            cwd=self.directory,
            env=self._variables(coloured=False),
            capture_output=True,
            text=True,
            check=False,
            timeout=CAPTURED_SECONDS,
        )
        if done.returncode not in accepted:
            raise OperatorError(f"terraform {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def _variables(self, *, coloured: bool) -> dict[str, str]:
        plain = {} if coloured else {f"TF_CLI_ARGS_{name}": "-no-color" for name in _COLOURED}
        return {**plain, **os.environ, **self.environment}


def find_terraform() -> str:
    """Return the terraform program.

    Raises:
        SomethingAbsent: there is none on PATH.
    """
    program = shutil.which("terraform")
    if program is None:
        raise SomethingAbsent(
            "there is no terraform on PATH",
            remedy="install terraform 1.11 or later; `netra edge lint` checks without it",
        )
    return program
