"""Everything that can be said about a Terraform directory on this machine."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from netra_cloud.terraform.findings import Severity
from netra_cloud.terraform.report import as_text
from netra_ops.edge.commands import lint_path
from netra_ops.errors import SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import print_error

FMT_SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    """Check the directory in ``arguments``, else the staging stack; return the exit status."""
    path = Path(arguments[0]) if arguments else STACK
    try:
        findings = lint_path(path)
    except SomethingAbsent as error:
        print_error(error.detail, error.remedy)
        return error.exit_code
    sys.stdout.write(f"rules: {as_text(findings, path.resolve())}\n")
    is_formatted = check_format(path)
    has_errors = any(finding.severity is Severity.ERROR for finding in findings)
    return 0 if is_formatted and not has_errors else 1


def check_format(path: Path) -> bool:
    """Run ``terraform fmt -check``; where terraform is absent, say so and count it as passed."""
    terraform = shutil.which("terraform")
    if terraform is None:
        sys.stdout.write("fmt: not possible here, there is no terraform on PATH\n")
        return True
    done = subprocess.run(
        [terraform, "fmt", "-check", "-recursive", "-diff", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=FMT_SECONDS,
    )
    sys.stdout.write("fmt: formatted\n" if done.returncode == 0 else f"fmt: {done.stdout}")
    return done.returncode == 0
