"""Each row of the section fails on a system that is broken on purpose."""

from pathlib import Path

import pytest

from netra_ops.tests.unit.validate.broken import Break, row_of, target, write
from netra_ops.validate.evidence import Finding, Judged, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.processes import Counts, Ended, judge_tests
from netra_ops.validate.rows.testing import (
    INTEGRATION_TESTS,
    ROWS,
    RUNNER,
    WORKFLOW,
    judge_category,
    judge_integrity,
    judge_workflow,
)
from test_framework.project import PROJECT_ROOT

SILENT = """
import sys
print("✓ postgres 127.0.0.1:5433\\n✗ redis 127.0.0.1:6380 refused")
sys.exit(4)
"""


def row(name: str) -> Row:
    return row_of(ROWS, f"tests.{name}")


async def a_silent_service(folder: Path) -> Finding:
    write(folder, "test_framework/__init__.py", "")
    write(folder, "test_framework/unified_docker_manager.py", SILENT)
    return await row("services-start").check(target(root=folder))


async def a_commented_decorator(folder: Path) -> Finding:
    text = "# @require_docker_services()\nasync def test_it() -> None:\n    assert 1 == 1\n"
    write(folder, "tests/test_it.py", text)
    return await row("decorators").check(target(root=folder))


async def a_runner_that_fails(folder: Path) -> Finding:
    write(folder, RUNNER, "import sys\nsys.exit('1 failed')\n")
    return await row("mission-critical").check(target(root=folder))


async def integration_tests_are_skipped(_folder: Path) -> Finding:
    counts = Counts(INTEGRATION_TESTS, failed=0, skipped=INTEGRATION_TESTS)
    return judge_tests(Ended(0, "skipped"), counts, at_least=INTEGRATION_TESTS)


async def a_loose_action(folder: Path) -> Finding:
    text = (PROJECT_ROOT / WORKFLOW).read_text()
    pinned = text.partition("actions/checkout@")[2].partition(" ")[0]
    write(folder, WORKFLOW, text.replace(pinned, "v6", 1))
    return await row("ci").check(target(root=folder))


async def a_test_without_expectation(folder: Path) -> Finding:
    write(folder, "tests/test_it.py", "def test_it() -> None:\n    assert True\n")
    return judge_integrity(folder)


BREAKS: dict[str, Break] = {
    "tests.services-start": a_silent_service,
    "tests.decorators": a_commented_decorator,
    "tests.mission-critical": a_runner_that_fails,
    "tests.integration": integration_tests_are_skipped,
    "tests.ci": a_loose_action,
    "tests.no-bypass": a_test_without_expectation,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


def test_the_workflow_of_this_checkout_passes() -> None:
    assert judge_workflow((PROJECT_ROOT / WORKFLOW).read_text()).verdict is Verdict.PASSED


def test_ci_without_a_category_fails() -> None:
    text = (PROJECT_ROOT / WORKFLOW).read_text().replace("mission_critical, ", "")
    assert judge_workflow(text).verdict is Verdict.FAILED


def test_a_category_in_which_nothing_ran_fails() -> None:
    found = judge_category(Ended(0, "no tests ran"), Counts(0, 0, 0))
    assert [one.holds for one in found.evidence] == [False, True]
