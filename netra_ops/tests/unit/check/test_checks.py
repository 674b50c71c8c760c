import sys
from pathlib import Path

import pytest

from netra_ops.check.checks import Check, all_checks, is_shell, tracked_files
from netra_ops.check.runner import Outcome, run_check, run_checks

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[4]


def python(*code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", *code)


def test_the_bootstrap_script_is_checked_as_shell() -> None:
    checks = {check.name: check for check in all_checks(ROOT, tracked_files(ROOT))}
    assert "netra" in checks["shell"].argv
    assert {"types", "imports", "lint", "format", "dockerfiles"} <= set(checks)
    assert checks["lint"].fix_argv


@pytest.mark.parametrize(
    ("name", "text", "shell"),
    [
        ("a.sh", "", True),
        ("run", "#!/bin/sh\n", True),
        ("run", "#!/bin/bash -eu\n", True),
        ("run", "#!/usr/bin/env python3\n", False),
        ("a.py", "#!/bin/sh\n", False),
        ("empty", "", False),
    ],
)
def test_shell_scripts_are_recognised(tmp_path: Path, name: str, text: str, shell: bool) -> None:  # noqa: FBT001  # pytest parameter
    path = tmp_path / name
    path.write_text(text)
    assert is_shell(path) is shell


@pytest.mark.parametrize(
    ("check", "outcome", "words"),
    [
        (Check("good", python("print('fine')")), Outcome.PASSED, "fine"),
        (Check("bad", python("raise SystemExit('broken')")), Outcome.FAILED, "broken"),
        (Check("gone", ("/nonexistent/tool",)), Outcome.ABSENT, "not installed"),
        (Check("nothing", (), skipped="no files"), Outcome.SKIPPED, "no files"),
    ],
)
async def test_each_outcome(tmp_path: Path, check: Check, outcome: Outcome, words: str) -> None:
    result = await run_check(check, tmp_path)
    assert result.outcome is outcome
    assert words in result.output


async def test_results_keep_the_order_of_the_checks(tmp_path: Path) -> None:
    checks = [Check(str(number), python("pass")) for number in range(4)]
    reported: list[str] = []
    results = await run_checks(checks, tmp_path, lambda result: reported.append(result.check.name))
    assert [result.check.name for result in results] == ["0", "1", "2", "3"]
    assert sorted(reported) == ["0", "1", "2", "3"]
