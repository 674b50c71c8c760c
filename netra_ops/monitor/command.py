"""``netra monitor`` and ``scripts/websocket_connection_monitor.py``."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live

from netra_ops.environments.access import address_of, origin_of
from netra_ops.environments.loader import EnvironmentDescriptor, load_environment
from netra_ops.measure.accounts import signed_in
from netra_ops.measure.duration import duration_of
from netra_ops.measure.probe import ProbeResult
from netra_ops.monitor.exposition import application, serving
from netra_ops.monitor.report import html
from netra_ops.monitor.session import MonitorPlan, watch
from netra_ops.monitor.tally import Tally
from netra_ops.monitor.view import line, live_view, tables
from netra_ops.stack.options import AsJson
from netra_ops.terminal import keep_lines

REFRESH_SECONDS = 0.5
PLAIN_SECONDS = 10.0  # between two lines where there is no terminal
DEFAULT_LISTEN_HOST = "127.0.0.1"

EXAMPLES = """Examples:
  netra monitor --duration 60s
  netra monitor --environment staging --duration 10m --success-rate-threshold 99
  netra monitor --sockets 20 --messages-per-minute 6 --report monitor.html
  netra monitor --listen 9464      /metrics, and /probe?target=wss://HOST/ws for Prometheus
  netra monitor --json             one JSON object a line: each probe, then the summary

Ctrl-C ends it with the verdict. Exit status: 0 at or above the threshold, 1 below it or without
any probe, 2 usage, 3 no account."""

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Listen:
    """Where metrics are served; port 0 is chosen by the kernel."""

    host: str
    port: int


def _place(text: str) -> Listen:
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise typer.BadParameter(f"{text!r} is neither PORT nor HOST:PORT")
    return Listen(host or DEFAULT_LISTEN_HOST, int(port))


@app.command(epilog=keep_lines(EXAMPLES))
def monitor(
    *,
    environment: Annotated[str, typer.Option(help="local, staging or production.")] = "local",
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            parser=duration_of, metavar="TIME", help="60s, 5m, 1h; until Ctrl-C if absent."
        ),
    ] = None,
    sockets: Annotated[int, typer.Option(min=0, max=2000, help="Sockets to hold open.")] = 1,
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Probes per second.")] = 1.0,
    success_rate_threshold: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of probes that must succeed.")
    ] = 95.0,
    messages_per_minute: Annotated[
        float, typer.Option(min=0, help="Runs to start, so that sockets have events to receive.")
    ] = 0.0,
    browser: Annotated[bool, typer.Option("--browser", help="Send the page's Origin.")] = False,
    listen: Annotated[
        Listen | None,
        typer.Option(parser=_place, metavar="[HOST:]PORT", help="Serve Prometheus metrics."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report to this file.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only the verdict.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch connections from outside: success rate, latencies, close codes, verdict."""
    descriptor = load_environment(environment)
    address = address_of(descriptor, url)
    plan = MonitorPlan(
        address,
        sockets=sockets,
        rate=rate,
        messages_per_minute=messages_per_minute,
        origin=origin_of(address, descriptor) if browser else None,
        duration=duration,
    )
    tally = Tally(time.time())
    asyncio.run(_run(plan, descriptor, tally, listen, quiet=quiet, as_json=as_json))
    passed, verdict = judge(tally, success_rate_threshold)
    if report is not None:
        report.write_text(html(tally, address=address, verdict=verdict, passed=passed))
    if as_json:
        summary = {"type": "summary", "passed": passed, **tally.summary()}
        sys.stdout.write(json.dumps(summary) + "\n")
    else:
        sys.stdout.write(verdict + "\n")
    raise typer.Exit(0 if passed else 1)


def judge(tally: Tally, threshold: float) -> tuple[bool, str]:
    """Return whether the success rate reaches ``threshold`` percent, and a line that says so."""
    rate = tally.success_rate
    if rate is None:
        return False, "FAILED: no probe ended"
    passed = rate >= threshold
    word = "PASSED" if passed else "FAILED"
    return passed, f"{word}: {line(tally, ended=True)} (threshold {threshold:g} %)"


async def _run(
    plan: MonitorPlan,
    descriptor: EnvironmentDescriptor,
    tally: Tally,
    listen: Listen | None,
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as ends:
        accounts = await ends.enter_async_context(
            signed_in(plan.address, descriptor, sockets=plan.sockets + 1, purpose="monitor")
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
            ends.callback(loop.remove_signal_handler, number)
        if listen is not None:
            port = await ends.enter_async_context(
                serving(application(tally, plan.address, accounts[0]), listen.host, listen.port)
            )
            sys.stderr.write(f"metrics: http://{listen.host}:{port}/metrics\n")
        if not quiet and not as_json:
            await ends.enter_async_context(_display(plan, tally))
        on_probe: Callable[[ProbeResult], None] = _print_json if as_json else _ignore
        await watch(plan, accounts, tally, stop, on_probe)


def _print_json(result: ProbeResult) -> None:
    fields = {name: getattr(result, name) for name in ProbeResult.__slots__}
    sys.stdout.write(json.dumps({"type": "probe", **fields}) + "\n")
    sys.stdout.flush()


def _ignore(_result: ProbeResult) -> None:
    """The tally has it."""


@contextlib.asynccontextmanager
async def _display(plan: MonitorPlan, tally: Tally) -> AsyncIterator[None]:
    """Show the tally while the block runs: live on a terminal, else a line now and then."""
    console = Console(highlight=False)
    started = time.monotonic()
    task = asyncio.create_task(
        _live(console, plan, tally, started) if console.is_terminal else _lines(tally)
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if not console.is_terminal:
            console.print(*tables(tally), sep="\n")


async def _live(console: Console, plan: MonitorPlan, tally: Tally, started: float) -> None:
    def view() -> Group:
        return live_view(tally, elapsed=time.monotonic() - started, address=plan.address)

    with Live(console=console, auto_refresh=False) as live:
        try:
            while True:
                live.update(view(), refresh=True)
                await asyncio.sleep(REFRESH_SECONDS)
        finally:
            live.update(view(), refresh=True)


async def _lines(tally: Tally) -> None:
    while True:
        await asyncio.sleep(PLAIN_SECONDS)
        sys.stderr.write(line(tally) + "\n")
