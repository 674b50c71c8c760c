"""Everything that can be said about a Terraform directory on this machine."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netra_cloud.terraform.findings import Options, Severity
from netra_cloud.terraform.linter import lint
from netra_cloud.terraform.report import COLOURS, Paint, as_text
from netra_ops.edge.commands import read_directory, shown_from
from netra_ops.exit_status import exit_status_of
from netra_ops.stack_directory import STACK
from netra_ops.terminal import has_colour
from netra_ops.terraform.commands import open_workspace
from netra_ops.terraform.process import Terraform

FMT_SECONDS = 30
EPILOG = """examples:
  check_terraform.py
  check_terraform.py ~/infra/prod

Exit status: 0 fine, 1 findings, 2 usage, 3 no Terraform there."""
_ABSENT = "not possible here, there is no terraform on PATH"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the directory in ``arguments``, else the staging stack; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="check_terraform.py",
        description="Check Terraform for a serverless edge: the rules of `netra edge lint`, and "
        "where terraform is installed `fmt -check` and the native `validate` on the stand-in.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path", nargs="?", type=Path, default=STACK, help="default: the staging stack"
    )
    path = parser.parse_args(arguments).path
    return exit_status_of(lambda: _check(path))


def _check(path: Path) -> int:
    configuration = read_directory(path)
    findings = lint(configuration, Options())
    paint = COLOURS if has_colour(sys.stdout) else Paint()
    sys.stdout.write(f"rules: {as_text(findings, shown_from(path), configuration, paint)}\n")
    sys.stdout.flush()
    holds = [
        not any(finding.severity is Severity.ERROR for finding in findings),
        check_format(path),
        check_natively(path),
    ]
    return 0 if all(holds) else 1


def check_format(path: Path) -> bool:
    """Run ``terraform fmt -check``; where terraform is absent, say so and count it as passed."""
    terraform = shutil.which("terraform")
    if terraform is None:
        sys.stdout.write(f"fmt: {_ABSENT}\n")
        return True
    done = subprocess.run(
        [terraform, "fmt", "-check", "-recursive", "-diff", "-no-color", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=FMT_SECONDS,
    )
    sys.stdout.write("fmt: formatted\n" if done.returncode == 0 else f"fmt: {done.stdout}")
    return done.returncode == 0


def check_natively(path: Path) -> bool:
    """Run the real ``terraform validate`` on the stand-in; absent counts as passed, and is said.

    Raises:
        OperatorError: terraform cannot start on the directory at all.
    """
    if shutil.which("terraform") is None:
        sys.stdout.write(f"validate: {_ABSENT}\n")
        return True
    workspace = open_workspace(path)
    terraform = Terraform(workspace.directory, workspace.environment)
    terraform.read("init", "-input=false")
    report: dict[str, Any] = json.loads(terraform.read("validate", "-json", accepted=(0, 1)))
    errors = [d for d in report["diagnostics"] if d["severity"] == "error"]
    if not errors:
        sys.stdout.write("validate: valid, by terraform with a stand-in for hashicorp/google\n")
    for found in errors:
        place = found.get("range", {})
        where = f"{place.get('filename', path)}:{place.get('start', {}).get('line', 0)}"
        sys.stdout.write(f"validate: {where}: {found['summary']}\n")
    return not errors
