"""Which modules are pure cores, and which mutants of them may live."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

CORES_FILE = Path(__file__).with_name("cores.toml")
SURVIVORS_FILE = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True)
class Core:
    """One pure core.

    Args:
        name: what it decides.
        module: its file, relative to the project.
        tests: its own test file, relative to the project.
    """

    name: str
    module: str
    tests: str


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test can kill, and why.

    Args:
        module: its file.
        removed: the line of the module, without indentation.
        added: the line that the mutant has instead.
        because: why the two mean the same.
    """

    module: str
    removed: str
    added: str
    because: str


def load_cores(path: Path = CORES_FILE) -> tuple[Core, ...]:
    """Read the cores.

    Raises:
        TypeError: an entry lacks a key or has another one.
    """
    return tuple(Core(**entry) for entry in tomllib.loads(path.read_text())["core"])


def load_survivors(path: Path = SURVIVORS_FILE) -> tuple[Survivor, ...]:
    """Read the justified survivors.

    Raises:
        TypeError: an entry lacks a key or has another one.
        ValueError: an entry gives no reason.
    """
    entries = tomllib.loads(path.read_text()).get("survivor", [])
    survivors = tuple(Survivor(**entry) for entry in entries)
    for survivor in survivors:
        if not survivor.because.strip():
            raise ValueError(f"{path}: {survivor.added!r} is not justified")
    return survivors
