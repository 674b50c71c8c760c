"""A validation as the operations page shows it: counts, and every row that did not pass. Pure."""

from datetime import datetime

from netra_backend.app.operations.monitoring import MAX_ROWS, RowEntry, ValidationReport
from netra_ops.validate.evidence import Verdict
from netra_ops.validate.report import Report

SHORT, LINE = 200, 1000


def for_operators(report: Report) -> ValidationReport:
    """Return what is reported of a validation."""
    rows = [
        RowEntry(
            id=row.id,
            title=row.title[:SHORT],
            verdict=row.verdict.value,
            summary=row.summary()[:LINE],
            command=row.command[:LINE],
        )
        for row in report.rows
        if row.verdict is not Verdict.PASSED
    ]
    return ValidationReport(
        environment=report.environment,
        suite=report.suite,
        at=datetime.fromisoformat(report.started_at),
        seconds=report.seconds,
        passed=report.passed,
        complete=report.is_complete,
        counts={verdict.value: report.count(verdict) for verdict in Verdict},
        rows=rows[:MAX_ROWS],
    )
