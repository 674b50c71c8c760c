"""Tests can interrupt their processes, also when pytest itself ignores SIGINT at its start."""

import signal
import subprocess
import sys
from pathlib import Path

from test_framework.project import PROJECT_ROOT

SECONDS = 120.0  # 2 s on a quiet machine

PROBE = """
import signal, subprocess, sys

def test_it():
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
"""


def test_a_background_job_passes_no_ignored_signal_on(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    (folder / "test_probe.py").write_text(PROBE)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis",
            "-p", "test_framework.plugin", f"--rootdir={tmp_path}", str(folder),
        ],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
