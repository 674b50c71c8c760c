"""Finds replaced words in files."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netra_ops.check.prose.glossary import Replacement
from netra_ops.check.prose.line_prose import comment_passages, markdown_passages
from netra_ops.check.prose.passage import Passage, count_words, without_code
from netra_ops.check.prose.python_prose import python_names, python_passages
from netra_ops.check.prose.script_prose import script_passages

COMMENT_MARKERS = {
    ".sh": "#", ".toml": "#", ".yml": "#", ".yaml": "#", ".tf": "#", ".hcl": "#",
    ".example": "#", ".lua": "--", ".sql": "--",
}  # fmt: skip
SCRIPTS = frozenset({".ts", ".tsx", ".js", ".mjs", ".cjs", ".css"})
# Text of others, or data that no one reads as prose.
NOT_PROSE = ("tools/", "netra_cloud/terraform/schema_data/", "LICENSE")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A replaced word at ``path:line``, and what to write instead."""

    path: str
    line: int
    word: str
    write: str

    def __str__(self) -> str:
        """Return the line that editors and CI logs link to the place."""
        return f"{self.path}:{self.line}: replaced word {self.word!r}; write: {self.write}"


@dataclass(slots=True)
class Scan:
    """Words and findings of some files."""

    words: int = 0
    findings: list[Finding] = field(default_factory=list)


def passages(path: Path, source: str) -> Iterator[Passage]:
    """Yield the prose of a file by its type; none for types without a reader.

    Raises:
        SyntaxError: a Python file does not parse.
    """
    suffix = path.suffix
    if path.name.endswith("Dockerfile"):
        suffix = ".sh"
    if suffix == ".py":
        yield from python_passages(source)
    elif suffix == ".md":
        yield from markdown_passages(source)
    elif suffix in SCRIPTS:
        yield from script_passages(source, tags=suffix == ".tsx")
    elif suffix in COMMENT_MARKERS or (not suffix and source.startswith("#!")):
        yield from comment_passages(source, COMMENT_MARKERS.get(suffix, "#"))


def has_prose(path: Path) -> bool:
    """Return whether a file is read at all."""
    return not path.as_posix().startswith(NOT_PROSE) and path.suffix not in {".json", ".lock"}


class Words:
    """The replaced words as one pattern.

    Args:
        glossary: the rows of the table.
    """

    def __init__(self, glossary: Sequence[Replacement]) -> None:
        self._write = {word: row.write for row in glossary for word in row.words}
        allowed = [phrase for row in glossary for phrase in row.allowed]
        self._allowed = _pattern(allowed)
        self._replaced = _pattern(self._write)

    def find(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Yield (line offset, replaced word, what to write) of each occurrence."""
        text = without_code(text)
        if self._allowed:
            text = self._allowed.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        if self._replaced is None:
            return
        for match in self._replaced.finditer(text):
            word = " ".join(match[0].lower().split())
            yield text.count("\n", 0, match.start()), word, self._write[word]


def scan_source(path: Path, source: str, words: Words, *, names: bool = True) -> Scan:
    """Return the findings and the number of words of one file.

    Args:
        path: relative to the repository; its suffix decides how the file is read.
        source: its text.
        words: the replaced words.
        names: also report the names that a Python module defines; names count no words.
    """
    found = Scan()
    if names and path.suffix == ".py":
        for name in python_names(source):
            for _, word, write in words.find(name.text):
                found.findings.append(Finding(path.as_posix(), name.line, word, write))
    for passage in passages(path, source):
        found.words += count_words(without_code(passage.text))
        for offset, word, write in words.find(passage.text):
            found.findings.append(Finding(path.as_posix(), passage.line + offset, word, write))
    found.findings.sort()
    return found


def _pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of whole words; a space in a phrase matches a line break as well."""
    longest_first = sorted(phrases, key=len, reverse=True)
    if not longest_first:
        return None
    alternatives = "|".join(r"\s+".join(map(re.escape, item.split())) for item in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE)
