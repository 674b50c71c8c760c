"""The runner's command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from test_framework.categories import CATEGORIES, EVERY_CHANGE
from test_framework.project import PROJECT_ROOT

DEFAULT_WORKERS = 2  # the smallest machine that CI offers has two cores
DEFAULT_SECONDS = 3600.0
DEFAULT_REPORT = PROJECT_ROOT / "reports" / "tests"

EPILOG = """examples:
  python tests/unified_test_runner.py --real-services --category mission_critical
  python tests/unified_test_runner.py --category unit --workers 4
  python tests/unified_test_runner.py --category all --last-failed

exit status: 0 every test passed and nothing was hidden; 1 otherwise, with the reasons listed;
2 wrong usage; 130 interrupted."""


@dataclass(frozen=True)
class RunnerOptions:
    """What to run and how.

    Args:
        category: one of ``CATEGORIES``, or ``all`` of them that run on every change.
        real_services: prove before the first test that real services start.
        seconds: deadline of the whole run.
        workers: parallel test processes.
        report: folder for the reports.
        last_failed: only what failed in the run before.
        list_only: print the tests instead of running them.
        raise_floors: write the counts of this run as the new floors, where they are higher.
    """

    category: str
    real_services: bool
    seconds: float
    workers: int
    report: Path
    last_failed: bool
    list_only: bool
    raise_floors: bool

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that run."""
        return EVERY_CHANGE if self.category == "all" else (self.category,)

    @property
    def is_whole_category(self) -> bool:
        """Whether everything in the categories runs, so that their floors apply."""
        return not (self.last_failed or self.list_only)


def parse_options(arguments: Sequence[str] | None = None) -> RunnerOptions:
    """Read the command line; wrong usage exits with status 2."""
    parser = argparse.ArgumentParser(
        prog="unified_test_runner.py",
        description="Run the tests of one category, and refuse every way of passing without them.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--category", choices=(*CATEGORIES, "all"), default="all")
    parser.add_argument(
        "--real-services", action="store_true", help="prove first that real services start"
    )
    parser.add_argument(
        "--timeout", type=_positive_seconds, default=DEFAULT_SECONDS, metavar="S",
        help="deadline of the whole run in seconds (%(default)g); each test has its own of 300 s",
    )  # fmt: skip
    parser.add_argument(
        "--workers", type=_positive_count, default=DEFAULT_WORKERS, metavar="N",
        help="parallel test processes (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--report", type=Path, default=DEFAULT_REPORT, metavar="DIR",
        help="where junit.xml, report.html and outcomes.json go (reports/tests)",
    )  # fmt: skip
    parser.add_argument("--last-failed", action="store_true", help="only what failed before")
    parser.add_argument("--list", action="store_true", help="list the tests and exit")
    parser.add_argument(
        "--raise-floors", action="store_true", help="raise tests/floors.toml to this run's counts"
    )
    found = parser.parse_args(arguments)
    return RunnerOptions(
        category=found.category,
        real_services=found.real_services,
        seconds=found.timeout,
        workers=found.workers,
        report=found.report.absolute(),
        last_failed=found.last_failed,
        list_only=found.list,
        raise_floors=found.raise_floors,
    )


def _positive_seconds(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        raise argparse.ArgumentTypeError("must be positive")
    return seconds


def _positive_count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count
