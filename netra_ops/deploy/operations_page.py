"""Shows a deploy on the operations page while it works, and how it ended.

A thread of its own sends the reports: a slow or unavailable platform delays no step. A report that
cannot be sent is no reason to fail either; the deploy prints once why the page is not updated.
"""

import asyncio
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from google.api_core.exceptions import GoogleAPIError

from netra_backend.app.operations.release_report import ReleasesReport, RolloutEntry, StepEntry
from netra_ops.deploy.cloud.connection import connect
from netra_ops.deploy.page_report import LINE, SHORT, after, releases_of, services_of
from netra_ops.deploy.pipeline.context import Context, now
from netra_ops.deploy.pipeline.people import account
from netra_ops.deploy.progress import Event, Kind
from netra_ops.deploy.status import read_status
from netra_ops.deploy.target import Target
from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.measure.operator_reports import NO_OPERATOR, SEND_SECONDS, OperatorReports

EVERY_SECONDS = 5.0  # the page reports a rollout as silent after some of these
SHORTEST_SECONDS = 0.5  # between two reports: a canary's notes come each second
TOKEN_SECONDS = 600.0  # an access token lives 15 minutes
NOT_UPDATED = "the operations page was not updated"
END_SECONDS = 3 * SEND_SECONDS  # for a report in flight and the last one


class _OperatorToken:
    """Signs in as the checks do, at most once in ``TOKEN_SECONDS``."""

    renewable = False
    remaining = math.inf

    def __init__(self, target: Target) -> None:
        self._target = target
        self._token = ""
        self._use_until = 0.0

    async def token(self, *, not_this: str | None = None) -> str:
        """Return a token of an operator.

        Raises:
            SomethingAbsent: the account has not the role.
            DeployFailed: the identity service refuses, or does not answer.
        """
        if time.monotonic() >= self._use_until or self._token == not_this:
            _, operator = await account(self._target)
            if not operator:
                raise SomethingAbsent(NO_OPERATOR, remedy="set NETRA_EMAIL and NETRA_PASSWORD")
            self._token, self._use_until = operator, time.monotonic() + TOKEN_SECONDS
        return self._token


@dataclass
class _Board:
    """What the deploy has reported so far, shared by its thread and the sender's."""

    rollout: RolloutEntry
    is_over: bool = False
    # Sending starts with the first event: a refused command reports nothing.
    changed: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    steps: tuple[StepEntry, ...] = ()

    def listen(self, event: Event) -> None:
        """Take an event of the deploy."""
        with self.lock:
            self.steps = after(self.steps, event)
        self.changed.set()

    def end(self, problem: str) -> None:
        """Take the end of the deploy."""
        with self.lock:
            ended = {"ended_at": now(), "problem": problem[:LINE]}
            self.rollout = self.rollout.model_copy(update=ended)
            self.is_over = True
        self.changed.set()

    def taken(self) -> tuple[RolloutEntry, bool]:
        """Return the rollout as it is now, and whether that is its end."""
        with self.lock:
            self.changed.clear()
            return self.rollout.model_copy(update={"steps": list(self.steps)}), self.is_over


@contextmanager
def on_operations_page(context: Context, command: str) -> Iterator[Context]:
    """Report what happens inside the block; use the context that it gives.

    Args:
        context: of the deploy.
        command: such as ``netra rollback``.
    """
    board = _Board(
        RolloutEntry(
            command=command,
            by=context.who[:SHORT],
            reason=context.choices.reason[:LINE],
            started_at=now(),
            ended_at=None,
            problem="",
            steps=[],
        )
    )

    def listen(event: Event) -> None:
        context.listen(event)
        board.listen(event)

    # A daemon: a platform that does not answer cannot keep the command from ending.
    sender = threading.Thread(target=_send_all, args=(context, board), daemon=True, name="page")
    sender.start()
    problem = "interrupted"
    try:
        yield replace(context, listen=listen)
        problem = ""
    except OperatorError as error:
        problem = error.detail
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise
    finally:
        board.end(problem)
        sender.join(END_SECONDS)


def _send_all(context: Context, board: _Board) -> None:
    target = context.target
    try:
        # The API clients are not documented as safe for two threads: this one has its own.
        own = connect(target.cloud.connection.endpoint)
    except OperatorError as error:
        context.listen(Event("page", Kind.NOTE, f"{NOT_UPDATED}: {error.detail}"))
        return
    target = replace(target, cloud=replace(target.cloud, connection=own))
    reported = ""
    tokens = _OperatorToken(target)
    is_over = False
    while not is_over:
        board.changed.wait(EVERY_SECONDS)
        rollout, is_over = board.taken()
        if not rollout.steps:
            continue
        problem = _send(target, tokens, rollout)
        if problem and not reported:
            reported = problem
            context.listen(Event("page", Kind.NOTE, problem))
        if NO_OPERATOR in problem:
            return  # it stays so
        if not is_over:
            time.sleep(SHORTEST_SECONDS)


def _send(target: Target, tokens: _OperatorToken, rollout: RolloutEntry) -> str:
    """Send what is so now; return what prevented it."""
    try:
        report = ReleasesReport(
            environment=target.environment.name,
            at=now(),
            every_seconds=EVERY_SECONDS,
            services=services_of(read_status(target)),
            rollout=rollout,
            releases=releases_of(target.ledger.read().releases),
        )
        return asyncio.run(OperatorReports(target.public_url, tokens).send(report))
    except (OperatorError, GoogleAPIError, OSError) as error:
        detail = error.detail if isinstance(error, OperatorError) else str(error)
        return f"{NOT_UPDATED}: {detail}"
