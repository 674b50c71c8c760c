"""A passage of prose and how it is cleaned before its words are compared."""

import re
from dataclasses import dataclass

# Code in backticks, URLs, and names with an underscore, dot, slash or parenthesis are not prose.
_CODE_SPAN = re.compile(r"``[^`]*``|`[^`\n]*`")
_URL = re.compile(r"[a-z]+://\S+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")  # noqa: RUF001  # typographic apostrophes occur in prose


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive prose.

    Args:
        line: 1-based line of its first character.
        text: the prose, with its line breaks.
    """

    line: int
    text: str


def without_code(text: str) -> str:
    """Blank code spans and URLs, and keep every line break, so that line numbers stay right."""
    for pattern in (_CODE_SPAN, _URL):
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return text


def count_words(text: str) -> int:
    """Return the number of words."""
    return len(_WORD.findall(text))


def is_message(text: str) -> bool:
    """Return whether a string literal is prose: at least two words with a space between."""
    return " " in text.strip() and count_words(text) > 1
