"""Markdown pages cut into sections at their headings. No I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{1,3})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
# How GitHub makes anchors: lower case, spaces to hyphens, everything but word characters gone.
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Section:
    """One section. ``page`` is the page's title, ``path`` where the page lies under ``docs/``."""

    path: str
    position: int
    page: str
    heading: str
    anchor: str
    body: str


def sections_of(path: str, markdown: str) -> list[Section]:
    """Cut a page at its headings of the first three levels; sections without text are left out."""
    page = path
    found: list[Section] = []
    for heading, body in _split(markdown):
        if heading is not None and page == path:
            page = heading
        if text := body.strip():
            title = heading or page
            found.append(Section(path, len(found), page, title, anchor_of(title), text))
    return found


def anchor_of(heading: str) -> str:
    """Return the fragment by which GitHub links to ``heading``."""
    return _NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def _split(markdown: str) -> Iterator[tuple[str | None, str]]:
    heading: str | None = None
    lines: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        fenced ^= bool(_FENCE.match(line))
        match = None if fenced else _HEADING.match(line)
        if match is None:
            lines.append(line)
            continue
        yield heading, "\n".join(lines)
        heading, lines = match[2], []
    yield heading, "\n".join(lines)
