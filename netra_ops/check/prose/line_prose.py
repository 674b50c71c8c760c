"""Prose of Markdown, and of formats whose comments start with one marker."""

import re
from collections.abc import Iterator

from netra_ops.check.prose.passage import Passage

_FENCE = re.compile(r"^\s*(```|~~~)")
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")


def markdown_passages(source: str) -> Iterator[Passage]:
    """Yield each paragraph; fenced code, HTML comments and link targets are not prose."""
    for pattern in (_HTML_COMMENT, _LINK_TARGET):
        source = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    fenced = False
    block: list[str] = []
    number = 0
    for number, line in enumerate(source.splitlines(), 1):  # read after the loop
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.strip():
            block.append(line)
            continue
        if block:
            yield Passage(number - len(block), "\n".join(block))
            block = []
    if block:
        yield Passage(number - len(block) + 1, "\n".join(block))


def comment_passages(source: str, marker: str) -> Iterator[Passage]:
    """Yield each block of consecutive comment lines of a format such as TOML, HCL or shell.

    Args:
        source: the file.
        marker: what starts a comment, ``#`` or ``--``; a space or the line's start precedes it.
    """
    pattern = re.compile(rf"(?:^|\s){re.escape(marker)}+\s?(.*)$")
    block: list[str] = []
    first = 0
    for number, line in enumerate(source.splitlines(), 1):
        match = None if line.startswith("#!") else pattern.search(line)
        if match is None:
            continue
        if block and number == first + len(block):
            block.append(match[1])
            continue
        if block:
            yield Passage(first, "\n".join(block))
        block, first = [match[1]], number
    if block:
        yield Passage(first, "\n".join(block))
