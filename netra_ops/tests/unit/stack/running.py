"""A state directory that says that this process is a running platform."""

import os
from pathlib import Path

from netra_ops.stack.identity import identify
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import StackState, write


def note_running(data_dir: Path, url: str) -> None:
    """Write the state of a ready platform at ``url``, with this process as its daemon."""
    this = identify(os.getpid())
    assert this is not None
    write(stack_paths(data_dir).state, StackState(this, url, ready=True))
