"""A drill with the real terraform: apply a commit, apply another, go back."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from netra_ops.stack.paths import project_root
from netra_ops.terraform.commands import run, scratch_of

# A drill is nine runs of terraform: 14 s on a quiet machine, 120 s at a load of 35.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(480)]

DEADLINE = 240
MODULE = """
variable "applied_commit" {{
  type    = string
  default = "unrecorded"
}}

output "applied_commit" {{
  value = var.applied_commit
}}

provider "google" {{
  project = "example-project"
}}

resource "google_compute_global_address" "edge" {{
  name        = "edge"
  description = "{description}"
}}
{more}
"""
DATABASE = """
resource "google_sql_database_instance" "main" {
  name             = "main"
  region           = "us-central1"
  database_version = "POSTGRES_18"
}
"""


@dataclass
class Clone:
    """A repository with a Terraform directory."""

    root: Path

    @property
    def directory(self) -> Path:
        return self.root / "infrastructure"

    def commit(self, description: str, more: str = "") -> str:
        self.directory.mkdir(exist_ok=True)
        text = MODULE.format(description=description, more=more)
        (self.directory / "main.tf").write_text(text)
        self._git("add", "-A")
        self._git("commit", "-qm", description)
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = ["git", "-C", str(self.root), *who, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def roll_back(self, *words: str) -> "subprocess.CompletedProcess[str]":
        script = project_root() / "scripts" / "rollback_infrastructure.py"
        directory = ("--environment", "local", "--directory", str(self.directory))
        return subprocess.run(
            [sys.executable, str(script), *directory, *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(project_root())},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )

    def description(self) -> str:
        cloud = json.loads((scratch_of(self.directory) / "cloud.json").read_text())
        return str(cloud["compute"][0]["body"]["description"])


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    if shutil.which("terraform") is None:
        pytest.skip("needs terraform on PATH, which no package registry carries")
    root = tmp_path / "clone"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return Clone(root)


def test_back_to_the_commit_that_was_applied_before(clone: Clone) -> None:
    try:
        first = clone.commit("first")
        assert run(clone.directory, ["apply", "-auto-approve", "-input=false"]) == 0
        clone.commit("second", DATABASE)
        assert run(clone.directory, ["apply", "-auto-approve", "-input=false"]) == 0

        unasked = clone.roll_back()
        assert unasked.returncode == 1
        assert "--allow-data-loss 'google_sql_database_instance.main'" in unasked.stderr
        insist = ("--allow-data-loss", "google_sql_database_instance.main")
        unconfirmed = clone.roll_back(*insist)
        assert unconfirmed.returncode == 1
        assert "not confirmed" in unconfirmed.stderr
        assert clone.description() == "second"

        done = clone.roll_back(*insist, "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"roll back to: {first[:7]}" in done.stdout
        assert "infrastructure/main.tf" in done.stdout
        assert "~ google_compute_global_address.edge  (description)" in done.stdout
        assert "- google_sql_database_instance.main  DATA LOSS" in done.stdout
        assert clone.description() == "first"
        assert (clone.directory / "main.tf").read_text().count("second") == 1
        worktrees = subprocess.run(
            ["git", "-C", str(clone.root), "worktree", "list"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(worktrees.stdout.splitlines()) == 1
    finally:
        shutil.rmtree(scratch_of(clone.directory), ignore_errors=True)


def test_without_a_record_the_commit_has_to_be_named(clone: Clone) -> None:
    clone.commit("first")
    nothing = clone.roll_back()
    assert nothing.returncode == 3
    assert "name one with --to" in nothing.stderr
    foreign = clone.roll_back("--to", "c" * 40)
    assert foreign.returncode == 3
    assert "git fetch" in foreign.stderr
    shutil.rmtree(scratch_of(clone.directory), ignore_errors=True)
