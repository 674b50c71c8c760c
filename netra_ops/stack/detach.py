"""Starts a supervisor in the background and waits until it is ready."""

import os
import signal
import subprocess
import sys

from netra_ops.errors import DataInUse, OperatorError, ServerStartFailed
from netra_ops.services.log_file import open_for_append, size, tail
from netra_ops.stack import state as state_file
from netra_ops.stack.display import Display
from netra_ops.stack.events import Event
from netra_ops.stack.follow import follow_start
from netra_ops.stack.identity import ProcessIdentity, identify
from netra_ops.stack.lock import is_held
from netra_ops.stack.paths import StackPaths, project_root
from netra_ops.stack.stack_options import StackOptions
from netra_ops.stack.storage import require_storage


class StartFailed(OperatorError):
    """The supervisor in the background gave up; carries its own exit status."""

    code = "start_failed"
    title = "The stack did not start"

    def __init__(self, event: Event) -> None:
        super().__init__(event.detail, remedy=event.remedy)
        self.exit_code = event.exit_code or 1  # type: ignore[misc]  # this one has many statuses


def start_detached(options: StackOptions, display: Display) -> None:
    """Start a supervisor of its own session and return when it is ready.

    Raises:
        OperatorError: the start failed; nothing runs.
        DataInUse: another supervisor was a moment earlier.
        KeyboardInterrupt: the operator gave up; the supervisor was asked to stop.
    """
    paths = options.paths
    require_storage(paths)  # here, where its refusal reaches the operator
    offset = size(paths.events)
    with open_for_append(paths.log("supervisor")) as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "netra_ops.stack.daemon",
                "--data-dir", paths.data_dir, "--port", str(options.port),
                *(() if options.frontend else ("--no-frontend",)),
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=project_root(),
            start_new_session=True,
        )  # fmt: skip
    supervisor = identify(process.pid)
    if supervisor is None:
        raise ServerStartFailed(
            "the supervisor ended immediately",
            log_tail=tail(paths.log("supervisor"), 15),
            remedy=f"read {paths.log('supervisor')}",
        )
    try:
        wait_for_start(paths, offset, supervisor, display)
    except ServerStartFailed:
        if not is_held(paths.lock):
            raise
        raise DataInUse(f"another netra up uses {paths.data_dir}") from None
    except KeyboardInterrupt:
        os.kill(process.pid, signal.SIGTERM)
        process.wait()
        raise


def wait_for_start(
    paths: StackPaths, offset: int | None, supervisor: ProcessIdentity, display: Display
) -> None:
    """Show what ``supervisor`` does until it is ready.

    Args:
        paths: of its data directory.
        offset: where in the event log to start; None for its present end.
        supervisor: whose start it is.
        display: shows the events.

    Raises:
        StartFailed: it gave up.
        ServerStartFailed: it ended without a word.
    """
    position = size(paths.events) if offset is None else offset
    state = state_file.read_running(paths.state)
    if state is not None and state.ready and state.supervisor == supervisor:
        display.show(Event("ready", url=state.url, pid=supervisor.pid))
        return
    for event in follow_start(paths.events, position, lambda: supervisor.is_alive):
        display.show(event)
        if event.event == "ready":
            return
        if event.event == "failed":
            raise StartFailed(event)
        if event.event == "stopped":
            raise OperatorError("the stack was stopped before it was ready")
    raise ServerStartFailed(
        "the supervisor ended before the stack was ready",
        log_tail=tail(paths.log("supervisor"), 15),
        remedy=f"read {paths.log('supervisor')}",
    )
