"""What runs, on disk: written by the supervisor, read by every other command. No secrets."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from netra_ops.services.supervisor import PartRecord, PartState
from netra_ops.stack.identity import ProcessIdentity

FORMAT = 1


@dataclass
class StackState:
    """The supervisor, the URL and the parts.

    Args:
        supervisor: the process that holds everything together.
        url: the edge, e.g. ``http://localhost:8080``.
        ready: every part was ready once.
        parts: by name, in the order of the display.
        identities: by part name, the process that ran when the state was written.
        database_password_file: readable by the owner only; empty when the database is external.
        valkey_password_file: same for Valkey.
    """

    supervisor: ProcessIdentity
    url: str
    ready: bool = False
    parts: dict[str, PartRecord] = field(default_factory=dict)
    identities: dict[str, ProcessIdentity] = field(default_factory=dict)
    database_password_file: str = ""
    valkey_password_file: str = ""


def encode(state: StackState) -> str:
    """Serialise the state."""
    return json.dumps({"format": FORMAT, **asdict(state)}, indent=2)


def decode(text: str) -> StackState | None:
    """Parse what ``encode`` wrote; None for anything else, such as another version's file."""
    try:
        data: dict[str, Any] = json.loads(text)
        if data.pop("format") != FORMAT:
            return None
        data["supervisor"] = ProcessIdentity(**data["supervisor"])
        data["parts"] = {
            name: PartRecord(**{**part, "state": PartState(part["state"])})
            for name, part in data["parts"].items()
        }
        data["identities"] = {
            name: ProcessIdentity(**identity) for name, identity in data["identities"].items()
        }
        return StackState(**data)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def write(path: Path, state: StackState) -> None:
    """Replace the file in one step; a reader sees the old state or the new, never half of one."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(encode(state))
    os.replace(draft, path)  # noqa: PTH105  # rename(2) semantics are the point


def read(path: Path) -> StackState | None:
    """Return the state, or None when nothing was started here."""
    try:
        return decode(path.read_text())
    except FileNotFoundError:
        return None


def read_running(path: Path) -> StackState | None:
    """Return the state if the supervisor that wrote it is alive."""
    state = read(path)
    return state if state is not None and state.supervisor.is_alive else None
