"""The automatic title of a thread: the beginning of its first message."""

MAX_TITLE_CHARACTERS = 200  # what a user may set
AUTOMATIC_TITLE_CHARACTERS = 60  # fits one line of a thread list

_ELLIPSIS = "…"


def automatic_title(content: str) -> str | None:
    """Return a title of at most 60 characters, cut between words; None when nothing is left."""
    first_line = next((line for line in content.splitlines() if line.strip()), "")
    words = " ".join(first_line.strip(" #>*-\t").split())
    if not words:
        return None
    if len(words) <= AUTOMATIC_TITLE_CHARACTERS:
        return words
    head = words[: AUTOMATIC_TITLE_CHARACTERS - 1]
    cut = head.rfind(" ")
    # A first "word" longer than half the title (a URL, say) is cut inside.
    return (head[:cut] if cut > AUTOMATIC_TITLE_CHARACTERS // 2 else head).rstrip() + _ELLIPSIS
