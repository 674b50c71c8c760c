"""``netra down``."""

import signal
import sys
import time
from typing import Any

import typer

from netra_ops.errors import DataInUse, OperatorError
from netra_ops.stack import state as state_file
from netra_ops.stack.identity import ProcessIdentity
from netra_ops.stack.leftovers import end_leftovers, wait_gone
from netra_ops.stack.lock import exclusive
from netra_ops.stack.options import AsJson, DataDir
from netra_ops.stack.paths import StackPaths, stack_paths
from netra_ops.terminal import keep_lines, print_json

STOP_SECONDS = 10.0  # the promise
KILL_SECONDS = 2.0

EXAMPLES = """Examples:
  netra down
  netra down --data-dir /tmp/second"""

app = typer.Typer(add_completion=False)


@app.command(epilog=keep_lines(EXAMPLES))
def down(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Stop the stack and wait until every process has ended; at most 10 seconds.

    Exit 0 also when nothing runs: afterwards nothing runs either way.
    """
    paths = stack_paths(data_dir)
    state = state_file.read_running(paths.state)
    started = time.monotonic()
    forced = False
    if state is not None:
        _ask_to_end(state.supervisor)
        if not wait_gone(state.supervisor, STOP_SECONDS):
            forced = True
            state.supervisor.send(signal.SIGKILL)
            if not wait_gone(state.supervisor, KILL_SECONDS):
                raise OperatorError(
                    f"the supervisor (pid {state.supervisor.pid}) survived SIGKILL",
                    remedy="the kernel holds it in a system call; look at the disk",
                )
    leftovers = _end_leftovers(paths)
    result: dict[str, Any] = {
        "was_running": state is not None,
        "seconds": round(time.monotonic() - started, 3),
        "forced": forced,
        "killed_leftovers": leftovers,
    }
    if as_json:
        print_json(result)
    elif state is None:
        sys.stdout.write("not running\n")
    else:
        how = " (had to be killed)" if forced else ""
        sys.stdout.write(f"stopped in {result['seconds']:.1f} s{how}\n")


def _ask_to_end(supervisor: ProcessIdentity) -> None:
    try:
        supervisor.send(signal.SIGTERM)
    except PermissionError as error:
        raise OperatorError(
            f"the supervisor (pid {supervisor.pid}) belongs to another user",
            remedy="run netra down as the user who ran netra up",
        ) from error


def _end_leftovers(paths: StackPaths) -> list[str]:
    """End what a dead supervisor left; a new one that has started meanwhile keeps its own."""
    if not paths.lock.exists():
        return []
    try:
        with exclusive(paths.lock):
            return end_leftovers(paths.state)
    except DataInUse:
        return []
