"""Where the local stack keeps what."""

import os
from dataclasses import dataclass
from pathlib import Path

import netra_ops
from netra_ops.errors import SomethingAbsent, StorageRefused

DATA_DIR_VARIABLE = "NETRA_DATA_DIR"
DEFAULT_DATA_DIR = ".netra"


def project_root() -> Path:
    """Return the directory of the checkout that this code belongs to.

    Raises:
        SomethingAbsent: the package is installed without the project around it.
    """
    root = Path(netra_ops.__file__).parent.parent
    if not (root / "pyproject.toml").exists():
        raise SomethingAbsent(
            f"the local stack runs from a checkout of the project, and {root} is none",
            remedy="clone the project and run ./netra there",
        )
    return root


@dataclass(frozen=True)
class StackPaths:
    """The files below one data directory."""

    data_dir: Path

    @property
    def lock(self) -> Path:
        """Locked by the supervisor as long as it lives."""
        return self.data_dir / "lock"

    @property
    def state(self) -> Path:
        """What runs; exists only while something runs, or after a crash."""
        return self.data_dir / "state.json"

    @property
    def events(self) -> Path:
        """What the supervisor did, one JSON object a line."""
        return self.logs / "netra.log"

    @property
    def logs(self) -> Path:
        """One log file per part."""
        return self.data_dir / "logs"

    @property
    def postgres(self) -> Path:
        """The database's directory."""
        return self.data_dir / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's directory."""
        return self.data_dir / "valkey"

    @property
    def encryption_key(self) -> Path:
        """Encrypts the identity service's private keys; mode 600."""
        return self.data_dir / "auth-key-encryption-key"

    @property
    def edge_configuration(self) -> Path:
        """The directory of what Envoy reads."""
        return self.data_dir / "edge"

    def log(self, part: str) -> Path:
        """Return the log file of ``part``."""
        return self.logs / f"{part}.log"

    def create(self) -> None:
        """Make the directories.

        Raises:
            StorageRefused: one cannot be made or written.
        """
        try:
            # root's database runs as user `nobody`, which must pass through it
            self.data_dir.mkdir(
                mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True, parents=True
            )
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageRefused(
                f"cannot create {self.data_dir}: {error.strerror}",
                remedy="choose another place with --data-dir",
            ) from error
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise StorageRefused(
                f"{self.data_dir} is not writable for this user",
                remedy="choose another place with --data-dir, or change its owner",
            )


def stack_paths(data_dir: Path | None) -> StackPaths:
    """Return the paths below ``data_dir``, else NETRA_DATA_DIR, else .netra in the project."""
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    return StackPaths(Path(chosen).absolute() if chosen else project_root() / DEFAULT_DATA_DIR)
