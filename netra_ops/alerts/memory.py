"""The state file of a health monitor: series, alerts and undelivered messages over restarts."""

import json
import os
from pathlib import Path
from typing import Any

from netra_ops.alerts.board import Board
from netra_ops.alerts.thresholds import Thresholds
from netra_ops.errors import OperatorError

FORMAT = 1


class MemoryUnreadable(OperatorError):
    """The state file is of something else."""

    code = "memory_unreadable"
    title = "State file unreadable"


def read_memory(path: Path, thresholds: Thresholds) -> tuple[Board, dict[str, Any]]:
    """Return the board and the rest of the file; new ones where there is no file.

    Raises:
        MemoryUnreadable: the file exists and is no state of a health monitor.
    """
    try:
        document = json.loads(path.read_text())
        if document["format"] != FORMAT:
            raise MemoryUnreadable(f"{path} has format {document['format']}, not {FORMAT}")
        return Board.from_json(thresholds, document["board"]), dict(document["rest"])
    except FileNotFoundError:
        return Board(thresholds), {}
    except (ValueError, KeyError, TypeError) as error:
        raise MemoryUnreadable(
            f"{path} is no state of a health monitor: {error}", remedy="delete it, or give --state"
        ) from error


def write_memory(path: Path, board: Board, rest: dict[str, Any]) -> None:
    """Replace the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(json.dumps({"format": FORMAT, "board": board.to_json(), "rest": rest}))
    os.replace(draft, path)  # noqa: PTH105  rename(2) semantics are the point
