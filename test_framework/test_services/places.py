"""Where the test services keep what."""

import os
from dataclasses import dataclass
from pathlib import Path

from test_framework.project import PROJECT_ROOT

DEFAULT_DIRECTORY = PROJECT_ROOT / ".netra" / "test-services"


@dataclass(frozen=True)
class Places:
    """The files below one directory."""

    directory: Path

    def create(self) -> None:
        """Make the directories; root's database runs as user `nobody`, which must pass through."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        self.directory.mkdir(mode=mode, parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)

    @property
    def lock(self) -> Path:
        """Held by the process that runs the services."""
        return self.directory / "lock"

    @property
    def turn(self) -> Path:
        """Held by whoever starts or stops them."""
        return self.directory / "turn"

    @property
    def state(self) -> Path:
        """What runs."""
        return self.directory / "state.json"

    @property
    def logs(self) -> Path:
        """One file for each part."""
        return self.directory / "logs"

    def log(self, part: str) -> Path:
        """Return the log file of ``part``."""
        return self.logs / f"{part}.log"

    def folder(self, part: str) -> Path:
        """Return the data directory of ``part``."""
        return self.directory / part
