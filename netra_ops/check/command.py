"""``netra check``."""

import asyncio
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from netra_ops.check.checks import Check, all_checks, tracked_files
from netra_ops.check.runner import Outcome, Result, run_checks
from netra_ops.errors import SomethingAbsent
from netra_ops.stack.options import AsJson
from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines, print_json

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "dim",
    Outcome.ABSENT: "bold red",
}
FIX_SECONDS = 300.0
NAMED = 4  # running checks are named once this few are left

EXAMPLES = """Examples:
  netra check
  netra check --fix           fix what can be fixed, then check
  netra check --only lint --only types

Exit status: 0 all passed, 1 a check failed, 3 a checker is not installed."""

app = typer.Typer(add_completion=False)


@app.command(epilog=keep_lines(EXAMPLES))
def check(
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Fix what can be fixed first.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Run only this check; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lint, format, types, import contracts, shell, Dockerfiles, workflows, generated files."""
    root = project_root()
    chosen = _choose(all_checks(root, tracked_files(root)), only)
    if fix:
        for item in chosen:
            if item.fix_argv:
                subprocess.run(
                    item.fix_argv, cwd=root, check=False, timeout=FIX_SECONDS,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
    # On stderr with --json; otherwise on the console of the failures, so that lines do not mix.
    console = Console(highlight=False, stderr=as_json)
    results = _run_shown(chosen, root, console, only_progress=as_json)
    if as_json:
        print_json([_as_data(result) for result in results])
    else:
        console.print(_table(results))
    outcomes = {result.outcome for result in results}
    if Outcome.FAILED in outcomes:
        raise typer.Exit(1)
    if Outcome.ABSENT in outcomes:
        raise SomethingAbsent("a checker is not installed", remedy="run it as: ./netra check")


def _run_shown(
    chosen: list[Check], root: Path, console: Console, *, only_progress: bool
) -> list[Result]:
    """Run the checks; show the progress and each failure as it occurs."""
    left = [item.name for item in chosen]

    def progress() -> str:
        names = f": {', '.join(left)}" if 0 < len(left) <= NAMED else ""
        return f"{len(chosen) - len(left)} of {len(chosen)} checks done, {len(left)} left{names}"

    with console.status(progress()) as status:

        def show(result: Result) -> None:
            left.remove(result.check.name)
            status.update(progress())
            if result.outcome in {Outcome.FAILED, Outcome.ABSENT} and not only_progress:
                console.rule(Text(result.check.name, style="bold red"), align="left")
                console.out(result.output, highlight=False)

        return asyncio.run(run_checks(chosen, root, show))


def _choose(checks: list[Check], only: list[str] | None) -> list[Check]:
    names = [item.name for item in checks]
    for name in only or []:
        if name not in names:
            raise typer.BadParameter(f"{name!r} is none of: {', '.join(names)}")
    return [item for item in checks if not only or item.name in only]


def _as_data(result: Result) -> dict[str, object]:
    return {
        "check": result.check.name,
        "outcome": result.outcome,
        "seconds": round(result.seconds, 3),
        "output": result.output,
    }


def _table(results: list[Result]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("check")
    table.add_column("outcome")
    table.add_column("time", justify="right")
    table.add_column("")
    for result in results:
        note = result.output if result.outcome in {Outcome.SKIPPED, Outcome.ABSENT} else ""
        table.add_row(
            result.check.name,
            Text(result.outcome, style=STYLES[result.outcome]),
            f"{result.seconds:.1f} s" if result.check.argv else "",
            Text(note, style="dim"),
        )
    return table
