"""Exit statuses in words. Pure."""

import signal


def in_words(status: int, *, label: bool = False) -> str:
    """Return how a process ended.

    Args:
        status: of ``wait``; negative is the number of the signal that ended it.
        label: return one word for a metric instead of the end of a sentence.
    """
    if status >= 0:
        return "exit" if label else f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return name if label else f"was ended by {name}"
