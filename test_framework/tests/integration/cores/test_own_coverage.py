"""Each pure core is covered completely, branches included, by its own test file alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from test_framework.cores.catalogue import Core, load_cores
from test_framework.project import PROJECT_ROOT
from test_framework.property_tests import MUTANTS_PROFILE

SECONDS = 280.0  # 6 s on a quiet machine


@pytest.mark.parametrize("core", load_cores(), ids=lambda core: core.name)
def test_its_own_tests_cover_every_line_and_branch(core: Core, tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    python = [sys.executable, "-m", "coverage"]
    # No conftest: what a core needs of the outside is nothing. With the same examples in every run:
    # whether a branch is reached must not be luck.
    tests = ["-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider",
             "-p", "test_framework.property_tests", "--hypothesis-profile", MUTANTS_PROFILE,
             core.tests]  # fmt: skip
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "data")}
    for arguments in (
        ["run", "--rcfile=/dev/null", "--branch", f"--include={core.module}", *tests],
        ["json", "--rcfile=/dev/null", "--quiet", "-o", str(report)],
    ):
        finished = subprocess.run(
            [*python, *arguments],
            cwd=PROJECT_ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
    [measured] = json.loads(report.read_text())["files"].values()
    assert measured["missing_lines"] == []
    assert measured["missing_branches"] == []
    assert measured["excluded_lines"] == [], "nothing is excused from being covered"
    assert measured["summary"]["num_statements"] > 0
