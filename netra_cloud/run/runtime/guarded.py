"""The emulator's end of the guard (`guard.py`)."""

import subprocess
import sys
from pathlib import Path
from typing import Self

_GUARD = Path(__file__).with_name("guard.py")
_END_SECONDS = 5.0  # it only kills what is on its list


class Guard:
    """Names process groups to the guard."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter
            [sys.executable, "-I", "-S", str(_GUARD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # signals for the emulator's group leave it alone
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 -- PIPE above
        self._process.stdin.close()
        self._process.wait(_END_SECONDS)

    def watch(self, group: int) -> None:
        """Kill this process group when the emulator ends."""
        self._write(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Leave this process group alone: it has ended and its number may be reused."""
        self._write(f"-{group}\n")

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 -- PIPE above
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()
