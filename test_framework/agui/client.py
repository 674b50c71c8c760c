"""What the stock AG-UI client makes of a stream: does it accept it, and what has it built?"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from test_framework.agui.install import NODE, ensure_installed

END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reception:
    """The client's answer; ``messages`` are AG-UI messages as JSON data."""

    accepted: bool
    error: str | None
    messages: list[dict[str, Any]]


class AguiClient:
    """One Node process that plays streams through ``@ag-ui/client``; use it as a context.

    Args:
        folder: of ``play.mjs`` and its installed packages.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [NODE, "play.mjs"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @classmethod
    def installed(cls) -> Self:
        """Return a client whose packages were installed from the lockfile, if they were not.

        Raises:
            SomethingAbsent: npm could not install them.
        """
        return cls(ensure_installed())

    def play(self, events: Iterable[bytes | str]) -> Reception:
        """Play one thread's events (JSON texts, in order), from the first event of a run on."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(json.dumps({"events": [json.loads(event) for event in events]}) + "\n")
        requests.flush()
        line = answers.readline()
        if not line:
            raise RuntimeError(f"the AG-UI client ended with status {self._process.wait()}")
        return Reception(**json.loads(line))

    def expect_accepted(self, events: Sequence[bytes | str]) -> list[dict[str, Any]]:
        """Return the messages that the client has built.

        Raises:
            AssertionError: the client refuses the stream.
        """
        reception = self.play(events)
        if not reception.accepted:
            shown = "\n".join(str(event) for event in events)
            raise AssertionError(f"@ag-ui/client refuses the stream: {reception.error}\n{shown}")
        return reception.messages

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(END_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
