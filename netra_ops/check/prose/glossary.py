"""Reads the table of replaced words in ``docs/glossary.md``."""

import re
from dataclasses import dataclass
from pathlib import Path

START = "<!-- replaced words"
END = "<!-- end -->"
COLUMNS = 3
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Replacement:
    """One row of the table.

    Args:
        words: the replaced words and phrases, lower case.
        write: what to write instead.
        allowed: phrases that contain a replaced word and are correct.
    """

    words: tuple[str, ...]
    write: str
    allowed: tuple[str, ...]


class GlossaryMalformed(ValueError):
    """The table is absent, or one of its rows does not have three columns."""


def load_glossary(path: Path) -> tuple[Replacement, ...]:
    """Read the table of replaced words from ``path``.

    Raises:
        GlossaryMalformed: the table is absent, or a row is malformed.
    """
    return parse_glossary(path.read_text("utf-8"))


def parse_glossary(text: str) -> tuple[Replacement, ...]:
    """Return the rows between the two marker comments.

    Raises:
        GlossaryMalformed: the table is absent, or a row is malformed.
    """
    _, found, rest = text.partition(START)
    table, ended, _ = rest.partition(END)
    if not found or not ended:
        raise GlossaryMalformed(f"no table between {START!r} and {END!r}")
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    if not rows:
        raise GlossaryMalformed("the table of replaced words has no rows")
    return tuple(_row(line) for line in rows)


def _row(line: str) -> Replacement:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) != COLUMNS:
        raise GlossaryMalformed(f"expected {COLUMNS} columns, got {len(cells)}: {line}")
    words = tuple(word.lower() for word in _CODE.findall(cells[0]))
    if not words or not cells[1]:
        raise GlossaryMalformed(f"a row needs a replaced word and its replacement: {line}")
    return Replacement(words, cells[1], tuple(item.lower() for item in _CODE.findall(cells[2])))
