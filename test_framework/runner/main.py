"""One run: integrity rules, pytest, reports, verdict."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from netra_ops.errors import SomethingAbsent
from netra_ops.exit_status import EXIT_INTERRUPTED
from test_framework.browser.chromium import ensure_chromium
from test_framework.integrity.scan import scan
from test_framework.outcomes import Outcomes, read_outcomes
from test_framework.project import PROJECT_ROOT
from test_framework.runner import html_report, pytest_process, table
from test_framework.runner.floors import read_floors, write_raised
from test_framework.runner.options import RunnerOptions, parse_options
from test_framework.runner.verdict import Run, problems, ran_by_category
from test_framework.skip_reasons import load_accepted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the options say; returns the exit status."""
    options = parse_options(arguments)
    try:
        return _list(options) if options.list_only else _run(options)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _list(options: RunnerOptions) -> int:
    options.report.mkdir(parents=True, exist_ok=True)
    files = (options.report / "outcomes.json", options.report / "junit.xml")
    return pytest_process.run(
        pytest_process.command(options, *files), seconds=options.seconds
    ).status


def _run(options: RunnerOptions) -> int:
    options.report.mkdir(parents=True, exist_ok=True)
    outcomes_file, junit = options.report / "outcomes.json", options.report / "junit.xml"
    for leftover in (outcomes_file, junit):
        leftover.unlink(missing_ok=True)  # a report of the run before must not pass for this one's
    if "e2e" in options.categories:
        _announce_browser()
    findings = scan(PROJECT_ROOT)
    started = datetime.now(UTC)
    ended = pytest_process.run(
        pytest_process.command(options, outcomes_file, junit), seconds=options.seconds
    )
    outcomes = read_outcomes(outcomes_file) if outcomes_file.exists() else None
    found = problems(
        Run(
            outcomes=outcomes,
            exit_status=ended.status,
            timed_out=ended.timed_out,
            findings=findings,
            categories=options.categories,
            floors=read_floors() if options.is_whole_category else None,
            accepted=load_accepted(),
        )
    )
    report = options.report / "report.html"
    report.write_text(
        html_report.render(
            outcomes or Outcomes(),
            found,
            title=f"Tests: {options.category}",
            when=f"{started:%Y-%m-%d %H:%M:%S} UTC",
        )
    )
    _print(_summary(options, outcomes or Outcomes(), found))
    if options.raise_floors and outcomes is not None and options.is_whole_category:
        _raise_floors(options, outcomes)
    _print(ended.closing_line or f"pytest ended with status {ended.status} and no summary")
    return 1 if found else 0


def _announce_browser() -> None:
    """Install the browser now, outside of any test's deadline; without one its tests fail."""
    try:
        ensure_chromium()
    except SomethingAbsent as error:
        _print(f"the browser tests will fail: {error.detail}; {error.remedy}")


def _summary(options: RunnerOptions, outcomes: Outcomes, found: Sequence[str]) -> str:
    lines = ["", table.render(table.rows(outcomes))]
    if skipped := table.skips(outcomes):
        lines += ["", *skipped]
    lines += ["", "slowest:", *table.slowest(outcomes)]
    lines += ["", f"reports: {_shown(options, 'report.html')}, {_shown(options, 'junit.xml')}"]
    if found:
        lines += ["", f"NOT GREEN, {len(found)} reason(s):", *(f"  - {item}" for item in found)]
    return "\n".join([*lines, ""])


def _shown(options: RunnerOptions, name: str) -> str:
    path = options.report / name
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path)


def _raise_floors(options: RunnerOptions, outcomes: Outcomes) -> None:
    ran = ran_by_category(outcomes)
    raised = write_raised({category: ran[category] for category in options.categories})
    _print("floors: " + ", ".join(f"{name} {count}" for name, count in raised.items()))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
