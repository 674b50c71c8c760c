"""Runs a rollout from where it is to its end, and back when anything fails."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from netra_ops.deploy.errors import LockLost
from netra_ops.deploy.ledger.rollout import Action, Rollout, completed, next_action
from netra_ops.deploy.pipeline import check, finish, stage
from netra_ops.deploy.pipeline.abort import abort
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.drain import drain
from netra_ops.deploy.pipeline.shift import shift
from netra_ops.deploy.progress import Step
from netra_ops.errors import OperatorError

Work = Callable[[Context, Rollout, Step], dict[str, Any]]

WORK: dict[Action, Work] = {
    Action.BUILD: stage.build,
    Action.STAGE: stage.stage,
    Action.VERIFY: check.verify,
    Action.CONFIRM: check.confirm,
    Action.DRAIN: drain,
    Action.BAKE: finish.bake,
    Action.RECORD: finish.record,
}


def run(context: Context, rollout: Rollout) -> Rollout:
    """Take every step that is left; the journal has each one before the next starts.

    Args:
        context: its lock is held.
        rollout: as journaled.

    Raises:
        OperatorError: the step that failed; traffic is back on the fallback.
        KeyboardInterrupt: interrupted; the same.
        LockLost: another deploy works here; nothing was touched any more.
    """
    with termination_as_interrupt():
        try:
            while (following := next_action(rollout)) is not None:
                rollout = _take(context, rollout, *following)
        except LockLost:
            raise
        except BaseException as error:
            with _interrupts_ignored():
                abort(context, rollout, _reason(error))
            raise
    return rollout


def _take(context: Context, rollout: Rollout, action: Action, percent: int) -> Rollout:
    name = f"{action} {percent}" if action is Action.SHIFT else str(action)
    step = context.step(name)
    try:
        if action is Action.SHIFT:
            changes = shift(context, rollout, step, percent)
        else:
            changes = WORK[action](context, rollout, step)
    except BaseException as error:
        step.failed(_reason(error))
        raise
    journaled = context.journal(completed(rollout, action, percent, **changes))
    step.done()
    return journaled


def _reason(error: BaseException) -> str:
    if isinstance(error, OperatorError):
        return error.detail
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return f"{type(error).__name__}: {error}"


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a deploy as Ctrl-C does: through the way back."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    former = {n: signal.signal(n, interrupt) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let nothing but SIGKILL stop the way back; it is bounded by its calls' own deadlines."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    former = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
