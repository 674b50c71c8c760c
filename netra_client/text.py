"""Text as the server stores it.

UTF-8 has no encoding for lone surrogates (RFC 3629, section 3) and PostgreSQL stores no U+0000.
Programs get both from files, terminals and other languages' strings, so text is cleaned before it
is sent, by the rule that the server and the TypeScript SDK (``text.ts``) use.
"""

import re
import unicodedata
from typing import Any

REPLACEMENT = "\ufffd"  # U+FFFD, as JavaScript's ``String.prototype.toWellFormed`` inserts

_SURROGATES = re.compile("([\ud800-\udbff][\udc00-\udfff])|[\ud800-\udfff]")
# Letters and symbols that show nothing: the Hangul fillers and the blank Braille pattern.
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164")


def well_formed(value: Any) -> Any:
    """Return JSON ``value`` with well-formed strings; other values are returned as they are.

    Surrogate pairs are joined, each lone surrogate becomes U+FFFD, U+0000 is removed. Keys of
    objects are cleaned as well.
    """
    if isinstance(value, str):
        return _SURROGATES.sub(_joined, value.replace("\x00", ""))
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed(item) for item in value]
    return value


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


def _joined(found: re.Match[str]) -> str:
    pair = found[1]
    if pair is None:
        return REPLACEMENT
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
