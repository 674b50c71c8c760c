"""What a service's readiness report says, read for ``netra status``. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class CheckReport:
    """One readiness check of one service; seconds, and milliseconds where the name says so.

    Args:
        name: e.g. ``redis``.
        status: ``pass``, ``warn`` or ``fail``.
        critical: whether its failure can make the instance unready.
        timeout_seconds: deadline of one attempt.
        attempts_allowed: how many attempts one run may make.
        pause_seconds: between two attempts.
        worst_case_seconds: the whole run at its longest.
        last_run_ms: how long the newest run took; None before the first.
        last_run_attempts: how many attempts it made.
        unchanged_seconds: since the check changed its state; None before the first result.
        output: why it does not pass; empty when it does.
    """

    name: str
    status: str
    critical: bool
    timeout_seconds: float
    attempts_allowed: int
    pause_seconds: float
    worst_case_seconds: float
    last_run_ms: float | None
    last_run_attempts: int
    unchanged_seconds: float | None
    output: str


def read_report(body: bytes, now: datetime | None = None) -> tuple[CheckReport, ...]:
    """Return the checks in the answer to ``/health/ready?verbose=1``; none when it shows none.

    Args:
        body: the answer, of any shape.
        now: against which ``unchanged_seconds`` counts; the present when None.
    """
    try:
        return tuple(_checks(json.loads(body), now or datetime.now(UTC)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()  # another version of the service, or another program


def _checks(document: Any, now: datetime) -> Iterator[CheckReport]:
    for measurements in document.get("checks", {}).values():
        for entry in measurements:
            budget = entry["budget"]
            yield CheckReport(
                name=str(entry["componentId"]),
                status=str(entry["status"]),
                critical=bool(entry["critical"]),
                timeout_seconds=float(budget["timeoutSeconds"]),
                attempts_allowed=int(budget["retryCount"]),
                pause_seconds=float(budget["retryDelaySeconds"]),
                worst_case_seconds=float(budget["worstCaseSeconds"]),
                last_run_ms=entry.get("observedValue"),
                last_run_attempts=int(entry.get("attempts", 0)),
                unchanged_seconds=_age(entry.get("lastChange"), now),
                output=str(entry.get("output", "")),
            )


def _age(moment: str | None, now: datetime) -> float | None:
    if moment is None:
        return None
    return round(max(0.0, (now - datetime.fromisoformat(moment)).total_seconds()), 1)
