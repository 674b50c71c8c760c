"""Titles of threads: one line of visible text; automatic ones start the first message."""

from netra_shared.text import is_blank, well_formed, without_bidi_controls

MAX_TITLE_CHARACTERS = 200  # what a user may set
AUTOMATIC_TITLE_CHARACTERS = 60  # fits one line of a thread list

_ELLIPSIS = "…"


def clean_title(title: str) -> str:
    """Return ``title``, well-formed and without bidirectional controls and outer white space.

    Raises:
        ValueError: nothing of it is visible.
    """
    cleaned = without_bidi_controls(well_formed(title)).strip()
    if is_blank(cleaned):
        raise ValueError("A title needs a visible character.")
    return cleaned


def automatic_title(content: str) -> str | None:
    """Return a title of at most 60 characters, cut between words; None when nothing is left."""
    text = without_bidi_controls(well_formed(content))
    first_line = next((line for line in text.splitlines() if not is_blank(line)), "")
    words = " ".join(first_line.strip(" #>*-\t").split())
    if is_blank(words):
        return None
    if len(words) <= AUTOMATIC_TITLE_CHARACTERS:
        return words
    head = words[: AUTOMATIC_TITLE_CHARACTERS - 1]
    cut = head.rfind(" ")
    # A first "word" longer than half the title (a URL, say) is cut inside.
    return (head[:cut] if cut > AUTOMATIC_TITLE_CHARACTERS // 2 else head).rstrip() + _ELLIPSIS
