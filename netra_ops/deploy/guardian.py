"""A second process that brings traffic back when the deploy itself is killed.

Nothing can be done in a process that gets SIGKILL. So each deploy starts a guardian in a session
of its own that reads from a pipe; when the pipe ends without the word ``done``, the deploy has
died, and the guardian aborts its rollout from the journal, under the same lock. Meanwhile it
renews that lock. When the machine dies with both, the lock becomes stale and the next command
reports the interrupted rollout: ``netra deploy --resume`` or ``netra rollback``.
"""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from netra_ops.deploy.build.builder import Report
from netra_ops.deploy.pipeline.abort import abort
from netra_ops.deploy.pipeline.context import Choices, Context
from netra_ops.deploy.progress import print_line
from netra_ops.deploy.target import find_target
from netra_ops.errors import OperatorError
from netra_ops.exit_status import exit_status_of

DONE = b"done\n"
ENDED_SECONDS = 60.0  # it only has to read the word, unless it renews the lock at this moment
RENEW_SECONDS = 60.0


class Orders(msgspec.Struct, frozen=True):
    """What the guardian needs to find the rollout and to hold its lock."""

    environment: str
    project: str
    region: str
    endpoint: str
    url: str
    token: str
    who: str


class NoBuilder:
    """The guardian builds nothing."""

    def planned(self, role: str) -> str:
        """Return that no image is known."""
        return f"{role}: not built by a guardian"

    def build(self, role: str, *, force: bool, report: Report) -> str:
        """Refuse.

        Raises:
            OperatorError: always.
        """
        report(f"force={force}")
        raise OperatorError(f"a guardian does not build {role}")


@contextmanager
def guarded(context: Context) -> Iterator[None]:
    """Run a deploy with a guardian beside it."""
    target = context.target
    orders = Orders(
        environment=str(target.environment.name),
        project=target.cloud.project,
        region=target.cloud.region,
        endpoint=target.cloud.connection.endpoint,
        url=target.public,
        token=context.token,
        who=context.who,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "netra_ops.deploy.guardian"],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C and a closed terminal reach the deploy, not its guardian
    )
    if process.stdin is None:
        raise AssertionError("the guardian was started with a pipe")
    try:
        process.stdin.write(msgspec.json.encode(orders) + b"\n")
        process.stdin.flush()
        yield
    finally:
        # The deploy has ended by itself, in success or through its own way back.
        process.stdin.write(DONE)
        process.stdin.close()
        process.wait(ENDED_SECONDS)


def main() -> int:
    """Wait for the end of the deploy, renewing its lock; abort its rollout if it died."""
    line = _line(forever=True)
    if not line:
        return 0
    orders = msgspec.json.decode(line, type=Orders)
    while (word := _line(forever=False)) is None:
        exit_status_of(lambda: _renew(orders))
    return 0 if word == DONE else exit_status_of(lambda: _abort(orders))


def _line(*, forever: bool) -> bytes | None:
    """Return the next line, empty at the end of the pipe; None when nothing came in time.

    Byte by byte: what is buffered would be invisible to ``select``.
    """
    line = b""
    while not line.endswith(b"\n"):
        if not forever and not select.select([sys.stdin], [], [], RENEW_SECONDS)[0]:
            return None
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            return b""
        line += byte
    return line


def _renew(orders: Orders) -> int:
    """Give a sign of life for the deploy: a build takes longer than a lock may be silent."""
    _context_of(orders).write(lambda ledger: ledger)
    return 0


def _abort(orders: Orders) -> int:
    context = _context_of(orders)
    ledger = context.target.ledger.read()
    mine = ledger.lock is not None and ledger.lock.token == orders.token
    if mine and ledger.rollout is not None and not ledger.rollout.is_over:
        abort(context, ledger.rollout, "the deploy was killed")
    context.release_lock()
    return 0


def _context_of(orders: Orders) -> Context:
    target = find_target(
        environment=orders.environment,
        project=orders.project,
        region=orders.region,
        endpoint=orders.endpoint,
        url=orders.url,
    )
    context = Context(target, Choices(), NoBuilder(), print_line, orders.who)
    return replace(context, token=orders.token)


if __name__ == "__main__":
    sys.exit(main())
