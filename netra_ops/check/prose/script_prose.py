"""Prose of TypeScript, JavaScript and CSS: comments, strings and text between tags."""

import re
from collections.abc import Iterator

from netra_ops.check.prose.passage import Passage, is_message

# Text between tags: no code characters, at least two words.
_TAG_TEXT = re.compile(r">([^<>{}=;()&|]+)(?=[<{])")
_MARK = re.compile(r"//|/\*|['\"`]")  # where a comment or a string can start
_STRING = re.compile(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"")


def script_passages(source: str, *, tags: bool = False) -> Iterator[Passage]:
    """Yield the passages of ``source``.

    Args:
        source: TypeScript, JavaScript or CSS.
        tags: the file is TSX, whose text between tags is prose.
    """
    code: list[str] = []
    position = 0
    while match := _MARK.search(source, position):
        code.append(source[position : match.start()])
        position = match.start()
        end, passage = _token(source, position)
        if passage is None:
            code.append(source[position:end])
        else:
            line = source.count("\n", 0, position) + 1
            comment = source.startswith(("//", "/*"), position)
            if comment or is_message(passage):
                yield Passage(line, passage)
            code.append(re.sub(r"[^\n]", " ", source[position:end]))
        position = end
    if tags:
        remaining = "".join([*code, source[position:]])
        for match in _TAG_TEXT.finditer(remaining):
            if is_message(match[1]):
                yield Passage(remaining.count("\n", 0, match.start(1)) + 1, match[1])


def _token(source: str, start: int) -> tuple[int, str | None]:
    """Return where the token at ``start`` ends, and its prose if it is a comment or a string."""
    if source.startswith("//", start) and (start == 0 or source[start - 1] != ":"):
        end = source.find("\n", start)
        end = len(source) if end < 0 else end
        return end, source[start + 2 : end]
    if source.startswith("/*", start):
        end = source.find("*/", start)
        end = len(source) if end < 0 else end + 2
        return end, re.sub(r"(?m)^\s*\*", "", source[start + 2 : end - 2])
    character = source[start]
    if character in "'\"":
        # An apostrophe inside a word is text between tags, not the start of a string.
        match = _STRING.match(source, start)
        if match and not (start and source[start - 1].isalpha()):
            return match.end(), match[0][1:-1]
    elif character == "`":
        end = start + 1
        while end < len(source) and source[end] != "`":
            end += 2 if source[end] == "\\" else 1
        text = re.sub(r"\$\{[^}]*\}", "_", source[start + 1 : end])
        return min(end + 1, len(source)), text
    return start + 1, None
