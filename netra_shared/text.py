"""Well-formed text: strings that UTF-8, JSON and PostgreSQL can represent.

PostgreSQL refuses U+0000 in ``text`` and ``jsonb`` (https://www.postgresql.org/docs/current/
datatype-json.html) and UTF-8 has no encoding for lone surrogates (RFC 3629, section 3). Clients
and models send both, so text is cleaned where it enters.
"""

import re
import unicodedata
from typing import Any

_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_LONE = re.compile("[\ud800-\udfff]")

# The characters with the property Bidi_Control (Unicode Standard Annex 9, section 2). Unclosed, one
# of them reorders the text of what is shown next to it.
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Letters and symbols that show nothing: the Hangul fillers and the blank Braille pattern.
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164")

REPLACEMENT = "\ufffd"  # U+FFFD, as JavaScript's ``String.prototype.toWellFormed`` inserts


def well_formed(value: Any) -> Any:
    """Return JSON ``value`` with well-formed strings.

    U+0000 is removed, surrogate pairs are joined, and each lone surrogate becomes U+FFFD. Keys of
    objects are cleaned as well.
    """
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed(item) for item in value]
    return value


def _clean(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", "")
    return _LONE.sub(REPLACEMENT, _PAIR.sub(_joined, text.replace("\x00", "")))


def _joined(pair: re.Match[str]) -> str:
    """Return the character of a surrogate pair (Unicode Standard, section 3.9, D91)."""
    high, low = ord(pair[1]) - 0xD800, ord(pair[2]) - 0xDC00
    return chr(0x10000 + (high << 10) + low)


def is_blank(text: str) -> bool:
    """Return whether nothing of ``text`` is visible.

    White space, control, bidirectional and zero-width characters (Unicode categories Cc and Cf)
    are invisible.
    """
    return all(
        character.isspace()
        or character in _INVISIBLE
        or unicodedata.category(character) in {"Cc", "Cf"}
        for character in text
    )


def without_bidi_controls(text: str) -> str:
    """Return ``text`` without bidirectional control characters: for labels in a list."""
    return _BIDI_CONTROLS.sub("", text)


def split_incomplete(text: str) -> tuple[str, str]:
    """Split off a high surrogate at the end of ``text``: the start of an incomplete pair.

    Returns:
        The complete text, and the high surrogate or an empty string.
    """
    if text and "\ud800" <= text[-1] <= "\udbff":
        return text[:-1], text[-1]
    return text, ""
