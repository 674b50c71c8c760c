"""Reports on disk: the newest of each suite and environment, and the ones before."""

import json
import os
import re
from pathlib import Path

from netra_ops.validate.report import Report

KEPT = 20  # reports of one suite and environment; a team compares with the last ones
JSON_NAME, MARKDOWN_NAME, HTML_NAME = "report.json", "report.md", "report.html"
_MOMENT = re.compile(r"[^0-9TZ]")


def read_report(path: Path) -> Report | None:
    """Return a report; None when there is none, or one of another version."""
    try:
        return Report.from_json(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def last_report(folder: Path, suite: str, environment: str) -> Report | None:
    """Return the newest complete report of a suite."""
    found = (read_report(path) for path in _reports(folder, suite, environment))
    return next((report for report in found if report is not None and report.is_complete), None)


def write_report(folder: Path, report: Report, markdown: str, html: str) -> Path:
    """Write the three files and drop the oldest reports; return the folder of this one."""
    moment = _MOMENT.sub("", report.started_at)
    place = folder / f"{report.environment}-{report.suite}" / moment
    place.mkdir(parents=True, exist_ok=True)
    texts = {
        JSON_NAME: json.dumps(report.to_json(), indent=1) + "\n",
        MARKDOWN_NAME: markdown,
        HTML_NAME: html,
    }
    for name, text in texts.items():
        draft = place / f".{name}.draft"
        draft.write_text(text)
        os.replace(draft, place / name)  # noqa: PTH105  rename(2) semantics are the point
    for old in _reports(folder, report.suite, report.environment)[KEPT:]:
        for name in texts:
            (old.parent / name).unlink(missing_ok=True)
        old.parent.rmdir()
    return place


def _reports(folder: Path, suite: str, environment: str) -> list[Path]:
    """Return the JSON files, newest first: their folders are named by time."""
    return sorted((folder / f"{environment}-{suite}").glob(f"*/{JSON_NAME}"), reverse=True)
