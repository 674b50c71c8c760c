"""Ends what a supervisor left behind that could not end it itself.

On Linux the kernel ends the children of a killed supervisor; elsewhere, and for a child that was
just being started, this is the second line.
"""

import signal
import time
from pathlib import Path

from netra_ops.stack import state as state_file
from netra_ops.stack.identity import ProcessIdentity

GRACE_SECONDS = 3.0  # PostgreSQL, signalled by the kernel, leaves within 0.1 s
POLL_SECONDS = 0.02


def end_leftovers(state_path: Path) -> list[str]:
    """Kill every process of a dead supervisor's state file, then delete the file.

    Returns:
        The names of the parts that had to be killed.
    """
    state = state_file.read(state_path)
    killed = []
    for name, identity in ({} if state is None else state.identities).items():
        if not wait_gone(identity, GRACE_SECONDS) and identity.send(signal.SIGKILL):
            wait_gone(identity, GRACE_SECONDS)
            killed.append(name)
    state_path.unlink(missing_ok=True)
    return killed


def wait_gone(identity: ProcessIdentity, seconds: float) -> bool:
    """Wait until the process has ended; returns False when it still runs after ``seconds``."""
    give_up = time.monotonic() + seconds
    while identity.is_alive:
        if time.monotonic() >= give_up:
            return False
        time.sleep(POLL_SECONDS)
    return True
