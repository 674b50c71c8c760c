"""``netra test``."""

import os
import sys

import typer

from netra_ops.errors import SomethingAbsent
from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines

RUNNER = "tests/unified_test_runner.py"
DEFAULTS = ["--real-services", "--category", "all"]

EXAMPLES = """Examples:
  netra test                                everything, on real services
  netra test --real-services --category mission_critical
  netra test --help-runner                  the runner's own options

All arguments go to tests/unified_test_runner.py; without any:
--real-services --category all."""

app = typer.Typer(add_completion=False)


@app.command(
    epilog=keep_lines(EXAMPLES),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def test(context: typer.Context) -> None:
    """Run the tests; the arguments are those of tests/unified_test_runner.py."""
    root = project_root()
    runner = root / RUNNER
    if not runner.exists():
        raise SomethingAbsent(f"{RUNNER} does not exist", remedy="check out the whole project")
    arguments = list(context.args) or DEFAULTS
    if arguments == ["--help-runner"]:
        arguments = ["--help"]
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, str(runner), *arguments])  # noqa: S606  # its exit status is ours
