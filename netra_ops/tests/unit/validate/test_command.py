"""``netra validate`` as it is typed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from netra_ops.errors import NotRunning
from netra_ops.services.loopback import free_port
from netra_ops.validate.command import app
from netra_ops.validate.rows.catalogue import UnknownRow
from test_framework.project import PROJECT_ROOT

NETRA = (sys.executable, "-m", "netra_ops.cli", "validate")
DEADLINE = 120.0
SILENT = """
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
time.sleep(600)
"""


def run(*arguments: str, folder: Path) -> Result:
    return CliRunner().invoke(app, ["--reports", str(folder), *arguments])


def test_rows_end_with_a_verdict_reports_and_what_changed(tmp_path: Path) -> None:
    arguments = ("--row", "readiness.redis-budget", "--row", "registry.no-failure-spike")
    first = run(*arguments, "--json", folder=tmp_path)
    assert first.exit_code == 0, first.output
    document: dict[str, Any] = json.loads(first.stdout)
    verdicts = {row["id"]: row["verdict"] for row in document["rows"]}
    assert verdicts == {
        "readiness.redis-budget": "passed",
        "registry.no-failure-spike": "not possible here",
    }
    names = {path.name for path in Path(document["reports"]).iterdir()}
    assert names == {"report.html", "report.json", "report.md"}
    second = run(*arguments, "--row", "protocol.no-1011", folder=tmp_path)
    assert second.exit_code == 1
    assert "changed:" not in second.stdout  # another selection of rows is no change
    assert "    -> netra validate --row protocol.no-1011" in second.stdout
    assert second.stdout.splitlines()[-1].startswith("FAILED: 1 passed, 1 failed, 1 not possible")


def test_a_platform_that_is_not_running_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    finished = run("--url", f"http://localhost:{free_port()}", folder=tmp_path)
    assert isinstance(finished.exception, NotRunning)
    assert finished.exception.remedy == "start it with: netra up"


def test_the_rows_of_a_suite_can_be_listed_and_a_wrong_name_is_refused(tmp_path: Path) -> None:
    listed = run("--suite", "golden-path", "--list", folder=tmp_path)
    assert "golden-path.ten-users" in listed.stdout
    wrong = run("--row", "nothing", folder=tmp_path)
    assert isinstance(wrong.exception, UnknownRow)
    assert "no row is called nothing" in wrong.exception.detail
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_the_run_with_a_report_of_what_was_done(tmp_path: Path) -> None:
    # The row waits for an answer of an address that accepts connections and stays silent.
    with subprocess.Popen(
        [
            sys.executable, "-c",
            SILENT,
        ],
        stdout=subprocess.PIPE, text=True,
    ) as silent:  # fmt: skip
        assert silent.stdout is not None
        port = silent.stdout.readline().strip()
        arguments = ["--row", "readiness", "--url", f"http://127.0.0.1:{port}"]
        process = subprocess.Popen(
            [*NETRA, "--reports", str(tmp_path), *arguments],
            cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        assert "readiness.redis-budget" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=DEADLINE)
        silent.kill()
    assert process.returncode == 130, errors
    assert "interrupted" in output.splitlines()[-1]
    assert "Traceback" not in errors
    assert list(tmp_path.glob("local-rows/*/report.json"))
