"""Processes that no longer have a parent in this run, found by a variable that they inherited."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil

VARIABLE = "NETRA_TEST_RUN"
CURRENT_TEST = "PYTEST_CURRENT_TEST"  # pytest sets it, and children inherit it


def mark_this_run() -> None:
    """Let everything that this process starts carry the run's name, xdist's workers included."""
    os.environ[VARIABLE] = secrets.token_hex(8)


def strays() -> Iterator[tuple[int, str]]:
    """Yield pid and description of every living process of this run but this one.

    Linux only; and a process whose environment was replaced is not found.
    """
    wanted = f"{VARIABLE}={os.environ.get(VARIABLE, '')}".encode()
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid in ours:
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue  # it has ended, or belongs to someone else
        if wanted in variables and command:
            test = next(
                (
                    value.decode().partition("=")[2].rpartition(" ")[0]
                    for value in variables
                    if value.startswith(f"{CURRENT_TEST}=".encode())
                ),
                "outside of tests",
            )
            yield pid, f"process {pid}, started by {test}: {command[:200]}"
