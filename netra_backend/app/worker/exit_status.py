"""Descriptions of exit statuses. Pure."""

import signal


def describe_exit(status: int, *, label: bool = False) -> str:
    """Describe how a process ended.

    Args:
        status: of ``wait``; a negative one is a negated signal number.
        label: return one word for a metric instead of a phrase.
    """
    if status >= 0:
        return "exit" if label else f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return name if label else f"was ended by {name}"
