"""The guide's lines, typed with a Python that has no test packages."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
ECHO = '#!/bin/sh\necho "netra $*"\n'  # the real bootstrap script has tests of its own


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that a person's Python meets first."""
    root = tmp_path / "check out"
    for name in ("pytest/__main__.py", "tests/unified_test_runner.py", "conftest.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "netra").write_text(ECHO)
    return root


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """A Python with the standard library and nothing else."""
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    return tmp_path / "bare" / "bin" / "python"


def run(checkout: Path, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        argv,
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_pytest_without_packages_runs_in_the_environment(checkout: Path, bare_python: Path) -> None:
    finished = run(checkout, bare_python, "-m", "pytest", "tests/e2e/test_one.py", "-xvs")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "netra pytest tests/e2e/test_one.py -xvs\n"
    assert "has no pytest" in finished.stderr


def test_the_runner_without_packages_runs_in_the_environment(
    checkout: Path, bare_python: Path
) -> None:
    runner = "tests/unified_test_runner.py"
    finished = run(checkout, bare_python, runner, "--real-services", "--category", "unit")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "netra test --real-services --category unit\n"


def test_an_installed_pytest_takes_precedence_over_the_folder(checkout: Path) -> None:
    finished = run(checkout, sys.executable, "-m", "pytest", "--version")
    assert finished.returncode == 0
    assert finished.stdout.startswith("pytest 9.")


def test_pytest_without_the_other_packages_is_one_line_with_the_remedy(
    checkout: Path, bare_python: Path
) -> None:
    (checkout / "tests" / "test_one.py").write_text("def test_one() -> None: ...\n")
    site = next((bare_python.parents[1] / "lib").glob("python3*/site-packages"))
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py"):
        source = Path(pytest.__file__).parents[1] / name
        (site / name).symlink_to(source)
    finished = run(checkout, bare_python, "-m", "pytest", "-q", "tests/test_one.py")
    assert finished.returncode == 1
    assert "lacks ag_ui" in finished.stderr
    assert "-> run: ./netra pytest -q tests/test_one.py" in finished.stderr
    assert "Traceback" not in finished.stderr
