"""pytest as a child process: its output passes through, its end is bounded."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from netra_ops.terminal import has_colour
from test_framework.project import PROJECT_ROOT
from test_framework.runner.options import RunnerOptions

GRACE_SECONDS = 90.0  # after SIGINT pytest tears down fixtures and prints what it has
TAIL_BYTES = 64 * 1024
CHUNK_BYTES = 4096

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CLOSING = re.compile(
    r"^=* ?((?:\d+ [a-z]+(?:, )?)+|no tests (?:ran|collected).*?) in [\d.]+s.*?=*$"
)


@dataclass(frozen=True)
class Ended:
    """How pytest ended.

    Args:
        status: its exit status; negative is a signal.
        timed_out: it was ended at the deadline.
        closing_line: the last line of its summary, without colours; empty when there was none.
    """

    status: int
    timed_out: bool
    closing_line: str


def command(options: RunnerOptions, outcomes: Path, junit: Path) -> list[str]:
    """Return the command line for ``options``."""
    argv = [sys.executable, "-m", "pytest", "--outcomes", str(outcomes)]
    if options.category != "all":
        argv += ["-m", options.category]
    if options.list_only:
        return [*argv, "--collect-only", "-q"]
    argv += [f"--junitxml={junit}"]
    if options.workers > 1:
        argv += ["-n", str(options.workers), "--dist", "worksteal"]
    if options.real_services:
        argv.append("--real-services")
    if options.last_failed:
        argv.append("--last-failed")
    if has_colour(sys.stdout):
        argv.append("--color=yes")  # its own stdout is a pipe
    return argv


def run(argv: Sequence[str], *, seconds: float) -> Ended:
    """Run ``argv`` in the project, showing its output as it comes.

    At the deadline pytest gets SIGINT, so that it still reports; what lives after
    ``GRACE_SECONDS`` more is killed with its whole process group.
    """
    process = subprocess.Popen(
        argv,
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    tail = bytearray()
    timed_out = False
    deadline = time.monotonic() + seconds
    try:
        while not _copy_output(process, tail, deadline):
            if timed_out:
                os.killpg(process.pid, signal.SIGKILL)
                deadline = time.monotonic() + GRACE_SECONDS
                continue
            timed_out = True
            process.send_signal(signal.SIGINT)
            deadline = time.monotonic() + GRACE_SECONDS
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        _copy_output(process, tail, time.monotonic() + GRACE_SECONDS)
        raise
    finally:
        if process.poll() is None:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert process.stdout is not None
        process.stdout.close()
    return Ended(process.returncode, timed_out, closing_line(tail.decode(errors="replace")))


def closing_line(output: str) -> str:
    """Return pytest's last summary line, such as ``3 passed, 1 skipped in 0.12s``."""
    for line in reversed(output.splitlines()):
        plain = _COLOURS.sub("", line).strip()
        if _CLOSING.match(plain):
            return plain.strip("= ")
    return ""


def _copy_output(process: subprocess.Popen[bytes], tail: bytearray, deadline: float) -> bool:
    """Show output until its end (True) or the deadline (False); ``tail`` keeps the last of it."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            chunk = os.read(process.stdout.fileno(), CHUNK_BYTES)
            if not chunk:
                return True
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail += chunk
            del tail[:-TAIL_BYTES]
    return False
