"""``netra status``."""

import asyncio
import dataclasses
import sys

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from netra_ops.errors import NotRunning
from netra_ops.stack import state as state_file
from netra_ops.stack.health import GOOD, PartStatus, all_parts, process_facts
from netra_ops.stack.options import AsJson, DataDir
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.readiness_report import CheckReport
from netra_ops.terminal import keep_lines, print_json

STYLES = {"healthy": "green", "degraded": "yellow", "external": "cyan"}
CHECK_STYLES = {"pass": "green", "warn": "yellow"}
MEGABYTE = 1024 * 1024

EXAMPLES = """Examples:
  netra status
  netra status --json | python3 -m json.tool

Exit status: 0 all healthy, 1 a part is not, 4 not running."""

app = typer.Typer(add_completion=False)


@app.command(epilog=keep_lines(EXAMPLES))
def status(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show each part with pid, port, uptime, health, memory and restarts.

    Below: the readiness checks of the services. TRIES are attempts x deadline of one, WORST adds
    the pauses between: the longest time until a check has an answer. No request waits for it.
    """
    paths = stack_paths(data_dir)
    state = state_file.read_running(paths.state)
    if state is None:
        if as_json:
            print_json({"running": False})
            raise typer.Exit(NotRunning.exit_code)
        raise NotRunning(f"nothing runs on {paths.data_dir}", remedy="start it with: netra up")
    rows = asyncio.run(all_parts(state))
    healthy = state.ready and all(row.health in GOOD for row in rows)
    uptime, memory = process_facts(state.supervisor.pid)
    if as_json:
        print_json(
            {
                "running": True,
                "ready": state.ready,
                "healthy": healthy,
                "url": state.url,
                "supervisor": {"pid": state.supervisor.pid, "uptime_seconds": round(uptime, 1)},
                "data_dir": str(paths.data_dir),
                "parts": [dataclasses.asdict(row) for row in rows],
            }
        )
    else:
        console = Console(highlight=False)
        console.print(_table(rows))
        if any(row.checks for row in rows):
            console.print()
            console.print(_checks_table(rows), *_complaints(rows), sep="\n")
            console.print()
        phase = "ready" if state.ready else "starting"
        sys.stdout.write(
            f"{state.url}  {phase}  up {_duration(uptime)}  "
            f"supervisor pid {state.supervisor.pid}  {memory // MEGABYTE} MB with all parts\n"
        )
    if not healthy:
        raise typer.Exit(1)


def _table(rows: list[PartStatus]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("part", "health"):
        table.add_column(heading)
    for heading in ("pid", "port", "uptime", "memory", "restarts"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in rows:
        table.add_row(
            row.name,
            Text(row.health, style=STYLES.get(row.health, "red")),
            str(row.pid or "-"),
            str(row.port or "-"),
            _duration(row.uptime_seconds) if row.pid else "-",
            f"{row.rss_bytes // MEGABYTE} MB" if row.pid else "-",
            str(row.restarts),
            Text(row.last_failure or row.detail, style="dim"),
        )
    return table


def _checks_table(rows: list[PartStatus]) -> Table:
    # Fits 80 columns: one line for each check, so that lines can be compared.
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("readiness", "check", "state"):
        table.add_column(heading, no_wrap=True)
    for heading in ("tries", "worst", "last run", "since"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        for number, check in enumerate(row.checks):
            table.add_row(
                "" if number else row.name,
                check.name,
                Text(check.status, style=CHECK_STYLES.get(check.status, "red")),
                f"{check.attempts_allowed} x {check.timeout_seconds:g} s",
                f"{check.worst_case_seconds:g} s",
                _last_run(check),
                "-" if check.unchanged_seconds is None else _duration(check.unchanged_seconds),
            )
    return table


def _complaints(rows: list[PartStatus]) -> list[Text]:
    """Return why checks do not pass, one line each: reasons are too long for a column."""
    return [
        Text(f"{row.name} {check.name}: {check.output}", style="dim")
        for row in rows
        for check in row.checks
        if check.output
    ]


def _last_run(check: CheckReport) -> str:
    if check.last_run_ms is None:
        return "-"
    return f"{check.last_run_ms:.0f} ms"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
