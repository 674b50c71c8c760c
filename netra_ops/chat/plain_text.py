"""Makes text of others safe for a terminal."""

import unicodedata

KEPT = frozenset("\n\t")
# Cc: ESC starts sequences that retitle the window, move the cursor or answer as if typed.
# Cf holds the bidirectional overrides, which make shown text differ from stored text; the joiners
# that emoji and several scripts need are in it too, and stay.
JOINERS = frozenset("\u200c\u200d")


def safe(text: str) -> str:
    """Return ``text`` without control and direction characters; emoji and scripts stay."""
    return "".join(
        character
        for character in text
        if character in KEPT
        or character in JOINERS
        or unicodedata.category(character) not in {"Cc", "Cf"}
    )


def shortened(text: str, limit: int) -> str:
    """Return at most about ``limit`` characters of ``text``, cut after a whole line."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n", 0, limit)
    return f"{text[: end if end > 0 else limit]}\n\n…"


def one_line(text: str, limit: int) -> str:
    """Return ``text`` on one line of at most ``limit`` characters."""
    joined = " ".join(safe(text).split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1]}…"
