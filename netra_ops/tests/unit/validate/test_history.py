"""Reports on disk."""

from dataclasses import replace
from pathlib import Path

from netra_ops.tests.unit.validate.test_report import PASSED, report
from netra_ops.validate.history import KEPT, last_report, read_report, write_report


def test_the_newest_complete_report_of_a_suite_is_found(tmp_path: Path) -> None:
    first = report(PASSED)
    second = replace(first, started_at="2026-01-02T00:00:00Z")
    third = replace(first, started_at="2026-01-03T00:00:00Z", is_complete=False)
    for one in (second, first, third, replace(first, suite="full")):
        write_report(tmp_path, one, "md", "html")
    assert last_report(tmp_path, "quick", "local") == second
    assert last_report(tmp_path, "quick", "staging") is None


def test_old_reports_are_dropped(tmp_path: Path) -> None:
    places = []
    for day in range(KEPT + 3):
        one = replace(report(PASSED), started_at=f"2026-01-{day + 1:02d}T00:00:00Z")
        places.append(write_report(tmp_path, one, "md", "html"))
    place = places[-1]
    assert (place / "report.html").read_text() == "html"
    assert (place / "report.md").read_text() == "md"
    kept = sorted(path.name for path in place.parent.iterdir())
    assert len(kept) == KEPT
    assert kept[0] == "20260104T000000Z"


def test_a_file_that_is_no_report_is_none(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"format": 99}')
    assert read_report(tmp_path / "report.json") is None
    assert read_report(tmp_path / "absent.json") is None
