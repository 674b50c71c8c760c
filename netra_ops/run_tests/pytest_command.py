"""``netra pytest``: pytest in the environment of this checkout."""

import os
import sys

import typer

from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines

EXAMPLES = """Examples:
  netra pytest netra_shared/tests/unit -q
  netra pytest tests/e2e/test_golden_path_complete_user_flow.py -xvs

All arguments go to pytest. `python -m pytest ...` in this folder does the same with any Python
that has no pytest of its own. For whole categories: netra test."""

app = typer.Typer(add_completion=False)


@app.command(
    epilog=keep_lines(EXAMPLES),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def pytest(context: typer.Context) -> None:
    """Run pytest; the arguments are those of pytest."""
    os.chdir(project_root())
    command = [sys.executable, "-m", "pytest", *context.args]
    os.execv(sys.executable, command)  # noqa: S606  its exit status is ours
