"""The report of a validation as JSON, Markdown and HTML; what changed since the last. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Self

from netra_ops.measure.page import page, table
from netra_ops.validate.evidence import Evidence, Verdict
from netra_ops.validate.row import RowResult

FORMAT = 1
ROWS_SUITE = "rows"  # of --row
MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_POSSIBLE: "·"}


@dataclass(frozen=True, slots=True)
class Report:
    """One run of a suite.

    Args:
        suite: quick, full, performance, golden-path, or ``rows`` for single ones.
        environment: local, staging or production.
        address: that was validated.
        started_at: ISO 8601, UTC.
        seconds: of the whole run.
        rows: results, in the order of the checklist.
        rates: figures that the next run compares itself with, by name.
        is_complete: false when the run was interrupted.
    """

    suite: str
    environment: str
    address: str
    started_at: str
    seconds: float
    rows: tuple[RowResult, ...]
    rates: Mapping[str, float]
    is_complete: bool = True

    @property
    def passed(self) -> bool:
        """Whether something passed, nothing failed, and nothing is missing."""
        verdicts = {row.verdict for row in self.rows}
        return self.is_complete and Verdict.PASSED in verdicts and Verdict.FAILED not in verdicts

    def count(self, verdict: Verdict) -> int:
        """Return how many rows ended like that."""
        return sum(row.verdict is verdict for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "format": FORMAT,
            "suite": self.suite,
            "environment": self.environment,
            "address": self.address,
            "startedAt": self.started_at,
            "seconds": self.seconds,
            "passed": self.passed,
            "complete": self.is_complete,
            "rates": dict(self.rates),
            "rows": [
                {
                    "id": row.id,
                    "title": row.title,
                    "verdict": row.verdict.value,
                    "seconds": row.seconds,
                    "command": row.command,
                    "reason": row.reason,
                    "evidence": [
                        {"demanded": one.demanded, "seen": one.seen, "holds": one.holds}
                        for one in row.evidence
                    ],
                }
                for row in self.rows
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what ``to_json`` wrote.

        Raises:
            ValueError, KeyError, TypeError: ``data`` is something else.
        """
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}, expected {FORMAT}")
        rows = tuple(
            RowResult(
                str(row["id"]),
                str(row["title"]),
                Verdict(row["verdict"]),
                float(row["seconds"]),
                str(row["command"]),
                tuple(
                    Evidence(e["demanded"], e["seen"], bool(e["holds"])) for e in row["evidence"]
                ),
                str(row["reason"]),
            )
            for row in data["rows"]
        )
        return cls(
            str(data["suite"]),
            str(data["environment"]),
            str(data["address"]),
            str(data["startedAt"]),
            float(data["seconds"]),
            rows,
            {str(name): float(rate) for name, rate in data["rates"].items()},
            bool(data["complete"]),
        )


def differences(before: Report | None, now: Report) -> list[str]:
    """Return what changed since the report before, one line each; empty without one.

    Single rows are another selection each time: only the verdicts of those in both are compared.
    """
    if before is None:
        return []
    old = {row.id: row for row in before.rows}
    new = {row.id: row for row in now.rows}
    found = []
    for name, row in new.items():
        if name not in old and now.suite != ROWS_SUITE:
            found.append(f"{name}: new, {row.verdict}")
        elif name in old and old[name].verdict is not row.verdict:
            found.append(f"{name}: was {old[name].verdict}, is {row.verdict}")
    if now.is_complete and now.suite != ROWS_SUITE:
        found += [f"{name}: no longer in the suite" for name in old if name not in new]
    return found


def verdict_line(report: Report) -> str:
    """Return the verdict in one line."""
    word = "PASSED" if report.passed else "FAILED"
    counts = ", ".join(f"{report.count(verdict)} {verdict}" for verdict in Verdict)
    rest = "" if report.is_complete else "; interrupted, not every row was executed"
    return f"{word}: {counts}, in {report.seconds:.0f} s{rest}"


def lines_of(row: RowResult, *, every: bool = False) -> list[str]:
    """Return one row for a terminal; the evidence of a failed one, or of ``every`` one."""
    found = [f"{MARKS[row.verdict]} {row.id:<30}{row.seconds:6.1f} s  {row.summary()}"]
    if every or row.verdict is Verdict.FAILED:
        for one in row.evidence:
            mark = "✓" if one.holds else "✗"
            found.append(f"    {mark} {one.demanded}: {one.seen}")
    if row.verdict is Verdict.FAILED:
        found.append(f"    -> {row.command}")
    return found


def markdown(report: Report, changed: Sequence[str], sections: Mapping[str, str]) -> str:
    """Return the report for a pull request or an incident's notes."""
    lines = [
        f"# Validation of {report.environment}: {report.suite}",
        "",
        f"**{verdict_line(report)}**",
        "",
        f"{report.address}, {report.started_at}",
    ]
    if changed:
        lines += ["", "## Changed since the report before", "", *(f"- {one}" for one in changed)]
    for section, heading in sections.items():
        rows = [row for row in report.rows if row.section == section]
        if not rows:
            continue
        lines += ["", f"## {heading}", "", "| row | verdict | s | evidence | command |"]
        lines.append("|---|---|---|---|---|")
        for row in rows:
            evidence = "<br>".join(_shown(one) for one in row.evidence) or row.reason
            cells = (row.title, row.verdict, f"{row.seconds:.1f}", evidence, f"`{row.command}`")
            lines.append(f"| {' | '.join(_cell(str(cell)) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _shown(one: Evidence) -> str:
    return f"{'✓' if one.holds else '✗'} {one.demanded}: {one.seen}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def html(report: Report, changed: Sequence[str], sections: Mapping[str, str]) -> str:
    """Return a page without anything to download."""
    parts = [f"<p>{escape(report.address)}, {escape(report.started_at)}</p>"]
    if changed:
        items = "".join(f"<li>{escape(one)}</li>" for one in changed)
        parts.append(f"<h2>Changed since the report before</h2><ul>{items}</ul>")
    for section, heading in sections.items():
        rows = [
            (
                row.title,
                row.verdict.value,
                row.seconds,
                "\n".join(_shown(one) for one in row.evidence) or row.reason,
                row.command,
            )
            for row in report.rows
            if row.section == section
        ]
        if rows:
            columns = ("row", "verdict", "seconds", "evidence", "repeat it with")
            parts.append(table(heading, columns, rows))
    title = f"Validation of {report.environment}: {report.suite}"
    return page(title, verdict_line(report), passed=report.passed, parts=parts)
