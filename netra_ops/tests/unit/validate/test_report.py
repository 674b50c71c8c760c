"""The report in its three forms, and what changed."""

import json
from dataclasses import replace

from netra_ops.validate.evidence import Evidence, Verdict
from netra_ops.validate.report import Report, differences, html, lines_of, markdown, verdict_line
from netra_ops.validate.row import RowResult
from netra_ops.validate.rows.catalogue import SECTIONS

PASSED = RowResult(
    "edge.lint", "Lint", Verdict.PASSED, 0.1, "netra edge lint",
    (Evidence("no error", "0 | none", holds=True),),
)  # fmt: skip
FAILED = RowResult(
    "tests.ci", "CI", Verdict.FAILED, 2.0, "cat ci",
    (Evidence("pinned", "<b>v6</b>", holds=False),),
)  # fmt: skip
ABSENT = RowResult("edge.plan", "Plan", Verdict.NOT_POSSIBLE, 0.0, "c", reason="no terraform")


def report(*rows: RowResult) -> Report:
    return Report("quick", "local", "http://x", "2026-01-01T00:00:00Z", 3.0, rows, {"edge": 100.0})


def test_a_report_survives_json() -> None:
    now = report(PASSED, FAILED, ABSENT)
    assert Report.from_json(json.loads(json.dumps(now.to_json()))) == now


def test_a_run_passes_when_something_passed_and_nothing_failed() -> None:
    assert report(PASSED, ABSENT).passed
    assert not report(PASSED, FAILED).passed
    assert not report(ABSENT).passed
    assert not report().passed
    assert not replace(report(PASSED), is_complete=False).passed


def test_what_changed_is_listed() -> None:
    before = report(PASSED, replace(ABSENT, id="edge.gone"))
    broken = replace(PASSED, verdict=Verdict.FAILED)
    assert differences(before, report(broken, FAILED)) == [
        "edge.lint: was passed, is failed",
        "tests.ci: new, failed",
        "edge.gone: no longer in the suite",
    ]
    assert differences(before, replace(before, is_complete=False)) == []
    assert differences(None, before) == []
    selected = replace(report(broken, FAILED), suite="rows")
    assert differences(before, selected) == ["edge.lint: was passed, is failed"]


def test_the_verdict_counts_every_kind() -> None:
    line = verdict_line(report(PASSED, FAILED, ABSENT))
    assert line == "FAILED: 1 passed, 1 failed, 1 not possible here, in 3 s"
    assert "interrupted" in verdict_line(replace(report(PASSED), is_complete=False))


def test_markdown_has_evidence_and_command_of_every_row() -> None:
    text = markdown(report(PASSED, FAILED, ABSENT), ["edge.lint: new, passed"], SECTIONS)
    assert "| Lint | passed | 0.1 | ✓ no error: 0 \\| none | `netra edge lint` |" in text
    assert "no terraform" in text
    assert "- edge.lint: new, passed" in text
    assert text.index("## Edge") < text.index("## Test infrastructure")


def test_html_is_escaped_and_needs_nothing_else() -> None:
    text = html(report(PASSED, FAILED), [], SECTIONS)
    assert "&lt;b&gt;v6" in text
    assert "<script" not in text
    assert "http://x" in text


def test_a_failed_row_shows_its_evidence_and_command() -> None:
    assert len(lines_of(PASSED)) == 1
    assert lines_of(FAILED)[1:] == ["    ✗ pinned: <b>v6</b>", "    -> cat ci"]
    assert lines_of(PASSED, every=True)[1:] == ["    ✓ no error: 0 | none"]
