"""``netra edge lint``: formats and exit statuses."""

import json
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[4]
GUIDE = REPOSITORY / "netra_cloud" / "tests" / "unit" / "terraform" / "guide"


def _netra(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "netra_ops.cli", "edge", "lint", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=REPOSITORY,
    )


def test_own_stack_passes_even_strictly() -> None:
    done = _netra("--strict")
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"\d\d+ resources in \d\d files: 0 errors, 0 warnings\n", done.stdout)


def test_errors_are_exit_status_1_and_json() -> None:
    done = _netra(str(GUIDE), "--json")
    assert done.returncode == 1
    findings = json.loads(done.stdout)["findings"]
    # capacity_scaler and balancing_mode of the guide are the API's defaults, and so no errors.
    assert {f["rule"] for f in findings if f["severity"] == "error"} == {
        "forbidden-header-name",
        "header-action-in-path-rule",
        "header-action-on-classic",
        "serverless-capacity",
        "serverless-health-check",
        "serverless-timeout",
        "unknown-header-variable",
    }


def test_sarif() -> None:
    done = _netra(str(GUIDE), "--sarif")
    assert json.loads(done.stdout)["version"] == "2.1.0"


def test_a_longer_promise_is_held_against_the_timeout(tmp_path: Path) -> None:
    correct = GUIDE.with_name("correct") / "main.tf"
    (tmp_path / "main.tf").write_text(correct.read_text().replace('"3600s"', '"1800s"'))
    assert _netra(str(tmp_path), "--socket-age", "1700").returncode == 0
    assert "socket-timeout" in _netra(str(tmp_path), "--socket-age", "1900").stdout


def test_a_directory_without_terraform_is_exit_status_3(tmp_path: Path) -> None:
    done = _netra(str(tmp_path))
    assert done.returncode == 3
    assert "holds no *.tf file" in done.stderr
    assert "->" in done.stderr


def test_wrong_use_is_reported(tmp_path: Path) -> None:
    assert _netra("--json", "--sarif").returncode == 2
    (tmp_path / "main.tf").write_text('resource "google_x_y" "r" {}\n')
    (tmp_path / "bad.tfvars").write_text("a = = 1\n")
    done = _netra(str(tmp_path), "--var-file", str(tmp_path / "bad.tfvars"))
    assert done.returncode == 1
    assert "bad.tfvars:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_module_that_is_not_here_is_reported_and_fails_strictly(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "lb" {\n  source = "a/b/c"\n}\n')
    done = _netra(str(tmp_path))
    assert done.returncode == 0
    assert "not judged: module.lb at main.tf:1: the module 'a/b/c' is not on this" in done.stdout
    assert "0 resources in 1 file: 0 errors, 0 warnings, 1 not judged" in done.stdout
    assert _netra(str(tmp_path), "--strict").returncode == 1
    (result,) = json.loads(_netra(str(tmp_path), "--sarif").stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("not-judged", "note")
