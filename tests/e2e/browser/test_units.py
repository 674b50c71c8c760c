"""The frontend's own tests, as ``npm test`` runs them, on this worker's platform."""

import json
import os
import subprocess
from pathlib import Path

from netra_ops.frontend.node import find_node
from netra_ops.frontend.steps import node_environment
from netra_ops.stack.paths import project_root
from test_framework.platform.stack import Stack

SECONDS = 500  # 12 s on a quiet machine
LEAST = 60  # tests; fewer would mean that a file was not found


def test_vitest(stack: Stack, browser: object, tmp_path: Path) -> None:
    assert browser is not None  # then starting the platform has installed the packages
    report = tmp_path / "report.json"
    done = subprocess.run(
        [
            find_node(), "node_modules/vitest/vitest.mjs", "run",
            "--reporter=json", f"--outputFile={report}",
        ],
        cwd=project_root() / "frontend", capture_output=True, text=True, check=False,
        timeout=SECONDS, env={**os.environ, **node_environment(), "NETRA_URL": stack.url},
    )  # fmt: skip
    assert report.exists(), done.stderr
    found = json.loads(report.read_text())
    failed = [
        f"{test['fullName']}: {test['failureMessages']}"
        for file in found["testResults"]
        for test in file["assertionResults"]
        if test["status"] != "passed"
    ]
    assert failed == []
    assert found["numPassedTests"] >= LEAST
