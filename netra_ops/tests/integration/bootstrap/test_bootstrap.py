"""The bootstrap script in a copy of the project's root, in environments that lack something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
TOOLS = (
    "sh",
    "dirname",
    "cksum",
    "cut",
    "tr",
    "mktemp",
    "tee",
    "grep",
    "rm",
    "mkdir",
    "cat",
    "echo",
)
CLOSED_PROXY = "http://127.0.0.1:9"  # the discard port: nothing listens


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script reads, without an environment."""
    root = tmp_path / "check out"  # a blank in the path, as on many a desktop
    (root / "tools").mkdir(parents=True)
    for name in ("netra", "uv.lock", "pyproject.toml", "tools/uv-requirements.txt"):
        shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with the standard tools and nothing else."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    return tools


def run(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "netra", "status"], env=environment, cwd="/", capture_output=True, text=True,
        check=False, timeout=280,
    )  # fmt: skip


def python_on(path: Path) -> None:
    (path / "python3").symlink_to(Path(sys.executable).resolve())


def test_no_python_is_one_line_with_the_remedy(checkout: Path, bare_path: Path) -> None:
    finished = run(checkout, PATH=str(bare_path))
    assert finished.returncode == 3
    assert "Python 3.11 or later is needed" in finished.stderr
    assert "NETRA_PYTHON" in finished.stderr


def test_an_old_python_is_not_taken(checkout: Path, bare_path: Path) -> None:
    old = bare_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what its version check answers
    old.chmod(0o755)
    assert run(checkout, PATH=str(bare_path)).returncode == 3


def test_no_network_is_reported_and_leaves_no_half_installed_uv(
    checkout: Path, bare_path: Path
) -> None:
    python_on(bare_path)
    finished = run(
        checkout, PATH=str(bare_path), HTTPS_PROXY=CLOSED_PROXY, HTTP_PROXY=CLOSED_PROXY,
        PIP_RETRIES="0", PIP_CONFIG_FILE="/dev/null", PIP_NO_CACHE_DIR="1",
    )  # fmt: skip
    assert finished.returncode == 3
    assert "uv could not be installed" in finished.stderr
    assert "check the network" in finished.stderr
    assert not (checkout / ".netra" / "uv").exists()
    assert not (checkout / ".venv").exists()


def real_uv() -> str:
    """Return uv's program: a shim of a version manager does not work outside its environment."""
    private = sorted(ROOT.glob(".netra/uv*/bin/uv"))
    found = [*map(str, private), shutil.which("uv") or ""]
    programs = [path for path in found if path and Path(path).read_bytes()[:4] == b"\x7fELF"]
    if not programs:
        listed = subprocess.run(
            ["find", str(Path(sys.base_prefix) / "bin"), "-name", "uv"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        programs = listed.stdout.split()
    assert programs, "these tests run where uv made the environment"
    return programs[0]


def test_an_unreachable_index_is_reported(checkout: Path, bare_path: Path, tmp_path: Path) -> None:
    python_on(bare_path)
    uv = real_uv()
    (bare_path / "uv").symlink_to(uv)
    finished = run(
        checkout, PATH=f"{bare_path}:{Path(uv).parent}", HTTPS_PROXY=CLOSED_PROXY,
        UV_HTTP_RETRIES="0", UV_CACHE_DIR=str(tmp_path / "cache"), UV_NO_CONFIG="1",
        HOME=str(tmp_path),
    )  # fmt: skip
    assert finished.returncode == 3, finished.stderr
    assert "the package index cannot be reached" in finished.stderr
    assert "about 165 MB" in finished.stderr
    assert not (checkout / ".venv" / ".netra-stamp").exists()
