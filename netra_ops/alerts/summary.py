"""The state of a health monitor as operators read it: open and past alerts, burn rates. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from netra_backend.app.operations.monitoring import (
    MAX_ALERTS,
    AlertEntry,
    AlertsReport,
    BurnEntry,
)
from netra_ops.alerts.board import Alert, Board
from netra_ops.measure.duration import SECONDS

PAST_KEPT = 50  # resolved alerts that are remembered and shown
LINE = 1000


def remember(past: Sequence[dict[str, Any]], changes: Sequence[Alert]) -> list[dict[str, Any]]:
    """Return the past alerts with those that were just resolved, newest first."""
    ended = [_entry(one).model_dump(mode="json") for one in changes if not one.is_firing]
    return [*ended[::-1], *past][:PAST_KEPT]


def summarize(
    board: Board, past: Sequence[dict[str, Any]], now: float, *, environment: str, every: float
) -> AlertsReport:
    """Return the report of one evaluation.

    Args:
        board: after its evaluation.
        past: of ``remember``.
        now: Unix seconds.
        environment: that is watched.
        every: seconds between two evaluations.
    """
    firing = [_entry(one) for one in board.firing(now)[1:]]  # without the heartbeat
    ended = [AlertEntry.model_validate(one) for one in past]
    return AlertsReport(
        environment=environment,
        at=_moment(now),
        every_seconds=every,
        alerts=[*firing, *ended][:MAX_ALERTS],
        burn=[_burn(board, signal, now) for signal in sorted(board.ratios)],
    )


def _burn(board: Board, signal: str, now: float) -> BurnEntry:
    ratio = board.thresholds.ratios[signal]
    rates = {}
    for seconds in sorted({w for burn in board.thresholds.burn for w in (burn.short, burn.long)}):
        good, bad = board.ratios[signal].window(now, seconds)
        if good + bad:
            rates[_window_name(seconds)] = round(bad / (good + bad) / ratio.budget, 3)
    return BurnEntry(signal=signal, objective=ratio.objective, rates=rates)


def _window_name(seconds: float) -> str:
    """Return a window as the thresholds write it, such as ``5m`` or ``3d``."""
    unit = next(name for name in ("d", "h", "m", "s") if seconds % SECONDS[name] == 0)
    return f"{seconds / SECONDS[unit]:g}{unit}"


def _entry(alert: Alert) -> AlertEntry:
    return AlertEntry(
        rule=alert.rule.name,
        severity=alert.rule.severity,
        summary=alert.rule.summary[:LINE],
        evidence=alert.evidence[:LINE],
        runbook=alert.rule.runbook,
        started_at=_moment(alert.started_at),
        resolved_at=None if alert.resolved_at is None else _moment(alert.resolved_at),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
