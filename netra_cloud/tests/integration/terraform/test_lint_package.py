"""The lint as others get it: a wheel in an empty environment, a commit hook, a GitHub action."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[4]
CASES = ROOT / "netra_cloud" / "tests" / "unit" / "terraform"
SECONDS = 120  # 5 s on a quiet machine
# Nothing that lets a Python find this checkout; uv keeps its settings of the package index.
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}
}


def _run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> Any:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**_ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def _uv() -> str:
    program = shutil.which("uv") or str(ROOT / ".netra" / "uv" / "bin" / "uv")
    assert Path(program).exists(), "./netra installs uv"
    return program


def test_the_wheel_runs_in_an_empty_environment(tmp_path: Path) -> None:
    built = _run(_uv(), "build", "netra_cloud", "--wheel", "-o", tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("netra_edge_lint-*.whl")
    environment = tmp_path / "empty"
    assert _run(_uv(), "venv", "--python", sys.executable, environment).returncode == 0
    python = environment / "bin" / "python"
    installed = _run(_uv(), "pip", "install", "--python", python, wheel)
    assert installed.returncode == 0, installed.stderr
    (site,) = environment.glob("lib/python*/site-packages")
    installed_names = {path.name.partition("-")[0].lower() for path in site.glob("*.dist-info")}
    assert installed_names == {"netra_edge_lint", "pyyaml"}
    program = environment / "bin" / "netra-edge-lint"
    done = _run(program, CASES / "guide", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "serverless-timeout" in {f["rule"] for f in json.loads(done.stdout)["findings"]}
    assert _run(program, CASES / "correct", "--strict", cwd=tmp_path).returncode == 0


def test_the_hook_runs_a_script_of_the_clone_on_the_changed_files(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["language"] == "script"
    program, bare = ROOT / hook["entry"], tmp_path / "bare"
    assert _run(_uv(), "venv", "--python", sys.executable, bare).returncode == 0
    python = {"NETRA_PYTHON": str(bare / "bin" / "python")}  # without any package
    done = _run(program, CASES / "guide" / "load-balancer.tf", cwd=tmp_path, **python)
    assert done.returncode == 1, done.stderr
    assert "serverless-timeout" in done.stdout
    correct = _run(program, CASES / "correct" / "main.tf", "--strict", cwd=tmp_path, **python)
    assert correct.returncode == 0
    (tmp_path / "main.tf").write_text('output "o" {\n  value = yamldecode("a: 1")\n}\n')
    assert _run(program, tmp_path, cwd=tmp_path, **python).returncode == 0


def test_the_actions_step_writes_sarif_and_fails_on_errors(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    variables = {
        "LINT": str(ROOT / "tools" / "netra-edge-lint"),
        "FURTHER": "--strict",
        "SARIF": "edge.sarif",
    }
    for directory, status in (("guide", 1), ("correct", 0)):
        modules = str(CASES / directory)
        done = _run(*("bash", "-e", "-c", step["run"]), cwd=tmp_path, MODULES=modules, **variables)
        assert done.returncode == status, done.stderr
        sarif = json.loads((tmp_path / "edge.sarif").read_text())
        assert bool(sarif["runs"][0]["results"]) == bool(status)
