"""``netra validate`` and ``scripts/run_*_validation.sh``."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer

from netra_client.token_source import TokenSource
from netra_ops.environments.access import address_of, origin_of
from netra_ops.environments.loader import EnvironmentDescriptor, load_environment
from netra_ops.errors import NotRunning
from netra_ops.exit_status import EXIT_INTERRUPTED
from netra_ops.measure.accounts import signed_in
from netra_ops.measure.operator_reports import OperatorReports
from netra_ops.services.loopback import LOOPBACK, is_listening
from netra_ops.stack.options import AsJson
from netra_ops.stack.paths import project_root, stack_paths
from netra_ops.stack.state import read_running
from netra_ops.terminal import keep_lines
from netra_ops.validate.backend_counters import closes_of_backend
from netra_ops.validate.engine import run_rows
from netra_ops.validate.history import last_report, write_report
from netra_ops.validate.operator_report import for_operators
from netra_ops.validate.report import (
    ROWS_SUITE,
    Report,
    differences,
    html,
    lines_of,
    markdown,
    verdict_line,
)
from netra_ops.validate.row import Phase, Row, RowResult, Suite
from netra_ops.validate.rows.catalogue import SECTIONS, rows_named, rows_of
from netra_ops.validate.rows.edge import RATE
from netra_ops.validate.target import LocalStack, RunRecord, SharedTokens, Target

EXAMPLES = """Examples:
  netra validate                                 the quick suite on the local stack
  netra validate --suite full --environment staging
  netra validate --row edge.headers-arrive       one row; --row edge: a whole section
  netra validate --list                          every row of the suite, executing nothing
  netra validate --suite golden-path --json

Suites: quick (below 60 s), full (below 10 minutes), performance, golden-path. Each row ends as
passed, failed, or not possible here, with its evidence and the command that repeats it. Reports
(HTML, Markdown, JSON) are in reports/validation; a run shows what changed since the one before.
Exit status: 0 nothing failed, 1 a row failed or none passed, 2 usage, 3 no address,
4 the local platform is not running, 130 Ctrl-C."""

Finish = Callable[[bool], Report]

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is validated, and figures of the run before."""

    address: str
    descriptor: EnvironmentDescriptor
    rates_before: dict[str, float]


@dataclass(slots=True)
class Progress:
    """Shows each row as it ends; on a terminal also those that are being executed."""

    is_shown: bool
    total: int
    running: list[str] = field(default_factory=list)
    results: list[RowResult] = field(default_factory=list)

    def start(self, row: Row) -> None:
        """Note that a row is being executed."""
        self.running.append(row.id)
        self._status()

    def end(self, result: RowResult) -> None:
        """Show a result."""
        self.running.remove(result.id)
        self.results.append(result)
        if self.is_shown:
            self._clear()
            sys.stdout.write("\n".join(lines_of(result)) + "\n")
            sys.stdout.flush()
        self._status()

    def remark(self, text: str) -> None:
        """Show a line that is about no row, unless it is empty."""
        if text and self.is_shown:
            self._clear()
            sys.stderr.write(f"{text}\n")

    def close(self) -> None:
        """Remove the status line."""
        self._clear()

    def _status(self) -> None:
        if self.is_shown and sys.stderr.isatty():
            names = ", ".join(self.running)
            text = f"{len(self.results)} of {self.total}  {names}"
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self.is_shown and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@app.command(epilog=keep_lines(EXAMPLES))
def validate(
    *,
    suite: Annotated[Suite, typer.Option(help="What is executed.")] = Suite.QUICK,
    environment: Annotated[str, typer.Option(help="local, staging or production.")] = "local",
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    row: Annotated[
        list[str] | None, typer.Option(help="Only this row or section; may be repeated.")
    ] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="List the rows, execute nothing.")
    ] = False,
    reports: Annotated[
        Path | None, typer.Option(help="Where reports are kept; default: reports/validation.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only the verdict.")] = False,
    as_json: AsJson = False,
) -> None:
    """Execute the checklist row by row; each verdict has its evidence."""
    chosen = rows_named(row) if row else rows_of(suite)
    if only_list:
        _list(chosen, as_json=as_json)
        return
    name = ROWS_SUITE if row else suite.value
    descriptor = load_environment(environment)
    address = address_of(descriptor, url)
    _require_platform(chosen, address, descriptor)
    folder = reports or project_root() / "reports" / "validation"
    before = last_report(folder, name, environment)
    progress = Progress(is_shown=not quiet and not as_json, total=len(chosen))
    started_at, started = datetime.now(UTC), time.monotonic()
    record = RunRecord()
    order = {one.id: number for number, one in enumerate(chosen)}

    def finish(is_complete: bool) -> Report:  # noqa: FBT001  the only argument
        return Report(
            name,
            environment,
            address,
            started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            round(time.monotonic() - started, 1),
            tuple(sorted(progress.results, key=lambda result: order[result.id])),
            {} if record.sign_in_rate is None else {RATE: record.sign_in_rate},
            is_complete,
        )

    place = Place(address, descriptor, dict(before.rates) if before else {})
    report = asyncio.run(_run(chosen, place, record, progress, finish))
    progress.close()
    changed = differences(before, report)
    written = write_report(
        folder, report, markdown(report, changed, SECTIONS), html(report, changed, SECTIONS)
    )
    _show(report, changed, written, quiet=quiet, as_json=as_json)
    raise typer.Exit(_status_of(report))


def _require_platform(rows: Sequence[Row], address: str, descriptor: EnvironmentDescriptor) -> None:
    """One line with the remedy instead of twenty refused connections.

    Raises:
        NotRunning: the rows need the local platform, and nothing listens at its address.
    """
    asks_platform = any(row.phase not in {Phase.ANYTIME, Phase.HEAVY, Phase.LAST} for row in rows)
    parts = urlsplit(address)
    is_here = descriptor.is_local and parts.hostname in {"localhost", LOOPBACK}
    if asks_platform and is_here and not is_listening(parts.port or 80):
        raise NotRunning(f"nothing listens at {address}", remedy="start it with: netra up")


def _status_of(report: Report) -> int:
    if not report.is_complete:
        return EXIT_INTERRUPTED
    return 0 if report.passed else 1


def _list(rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([{"id": one.id, "title": one.title} for one in rows]) + "\n")
        return
    for one in rows:
        sys.stdout.write(f"{one.id:<32}{one.title}\n")


def _show(
    report: Report, changed: Sequence[str], place: Path, *, quiet: bool, as_json: bool
) -> None:
    if as_json:
        document = {**report.to_json(), "changed": list(changed), "reports": str(place)}
        sys.stdout.write(json.dumps(document) + "\n")
        return
    if not quiet:
        for line in changed:
            sys.stdout.write(f"changed: {line}\n")
        sys.stdout.write(f"reports: {place}\n")
    sys.stdout.write(verdict_line(report) + "\n")


async def _run(
    rows: Sequence[Row],
    place: Place,
    record: RunRecord,
    progress: Progress,
    finish: Finish,
) -> Report:
    """Execute the rows, report to the operations page and return the report.

    ``finish`` makes the report from whether all rows were executed; false after a Ctrl-C.
    """
    address, descriptor = place.address, place.descriptor
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as ends:

        async def open_account() -> TokenSource:
            accounts = await ends.enter_async_context(
                signed_in(address, descriptor, sockets=1, purpose="validate")
            )
            return accounts[0]

        target = Target(
            address=address,
            frontend_url=address if descriptor.is_local else descriptor.frontend_url,
            origin=origin_of(address, descriptor),
            descriptor=descriptor,
            tokens=SharedTokens(open_account),
            root=project_root(),
            local=await _local_stack(address, record),
            record=record,
            rates_before=place.rates_before,
        )
        work = asyncio.create_task(
            run_rows(rows, target, on_start=progress.start, on_result=progress.end)
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, work.cancel)
            ends.callback(loop.remove_signal_handler, number)
        await asyncio.wait({work})
        is_complete = not work.cancelled()
        if is_complete:
            work.result()
        report = finish(is_complete)
        if report.suite != ROWS_SUITE:  # single rows are no state of the platform
            problem = await OperatorReports(address, target.tokens).send(for_operators(report))
            progress.remark(problem)
        return report


async def _local_stack(address: str, record: RunRecord) -> LocalStack | None:
    """Return the stack of this machine when it is what is validated; note where its logs end."""
    paths = stack_paths(None)
    running = read_running(paths.state)
    if running is None or running.url != address or "backend" not in running.parts:
        return None
    record.log_sizes = {file: file.stat().st_size for file in paths.logs.glob("*.log")}
    parts = running.parts
    port = parts["backend"].port
    try:
        record.closes_before = await closes_of_backend(port)
    except httpx.HTTPError:
        record.closes_before = None  # the rows show that the backend does not answer
    return LocalStack(
        paths.logs,
        port,
        store_pid=parts["valkey"].pid if "valkey" in parts else 0,
        serves_pages="frontend" in parts,
    )
