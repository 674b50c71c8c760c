"""Rooms of the repository, which of them are enforced, and justified exceptions."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOMS_FILE = Path(__file__).with_name("rooms.toml")
# Rooms below the first folder: how many path components name a room.
DEPTHS = {"netra_backend": 3, "netra_ops": 2, "auth_service": 1, "frontend": 2, "docs": 2}


@dataclass(frozen=True, slots=True)
class Allowed:
    """An exception: the file or folder, the replaced word or ``*`` for all, and the reason."""

    path: str
    word: str
    because: str

    def covers(self, path: str, word: str) -> bool:
        """Return whether the exception applies to ``word`` in ``path``."""
        inside = path == self.path or path.startswith(f"{self.path}/")
        return inside and self.word in {word, "*"}


@dataclass(frozen=True, slots=True)
class Rooms:
    """Content of ``rooms.toml``.

    Args:
        enforced: path prefixes; findings elsewhere are counted but do not fail the check.
        allowed: justified exceptions.
    """

    enforced: tuple[str, ...]
    allowed: tuple[Allowed, ...] = ()

    def enforces(self, path: str) -> bool:
        """Return whether ``path`` is in an enforced room."""
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in self.enforced)


def load_rooms(path: Path = ROOMS_FILE) -> Rooms:
    """Read ``rooms.toml``.

    Raises:
        ValueError: an exception lacks its path, word or reason.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    allowed = []
    for entry in data.get("allow", []):
        if set(entry) != {"path", "word", "because"} or not all(map(str.strip, entry.values())):
            raise ValueError(f"{path}: an exception needs exactly path, word, because: {entry}")
        allowed.append(Allowed(**entry))
    return Rooms(tuple(data["enforced"]), tuple(allowed))


def room_of(path: str) -> str:
    """Return the room that the counts of ``path`` belong to."""
    folders = path.split("/")[:-1]
    if not folders:
        return "."
    return "/".join(folders[: DEPTHS.get(folders[0], 1)])
