"""``netra alerts`` and ``scripts/websocket_health_monitor.py``."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from netra_ops.alerts.board import Board
from netra_ops.alerts.collect import Collector
from netra_ops.alerts.dispatch import Dispatcher
from netra_ops.alerts.memory import read_memory, write_memory
from netra_ops.alerts.rollback import AutomaticRollback
from netra_ops.alerts.summary import remember, summarize
from netra_ops.alerts.thresholds import Thresholds, load_thresholds
from netra_ops.environments.access import address_of
from netra_ops.environments.loader import EnvironmentDescriptor, load_environment
from netra_ops.load.server_figures import local_backend
from netra_ops.measure.accounts import signed_in
from netra_ops.measure.duration import duration_of
from netra_ops.measure.operator_reports import OperatorReports
from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack.options import AsJson
from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines

EXAMPLES = """Examples:
  netra alerts --alerts-enabled                       console; Ctrl-C ends it
  netra alerts --alerts-enabled --alertmanager http://localhost:9093
  netra alerts --alerts-enabled --webhook https://hooks.slack.com/services/... --environment staging
  netra alerts --alerts-enabled --once                one round, for cron; state is kept in a file

Thresholds: monitoring-thresholds.yaml. Without --alerts-enabled nothing is sent: each round is
shown. Exit status: 0 nothing fires, 1 an alert fires at the end, 3 no account, 78 thresholds."""

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class WatchPlan:
    """How a health monitor works; seconds."""

    address: str
    environment: str
    every: float
    golden_path_every: float
    duration: float | None
    once: bool
    alerts_enabled: bool
    webhook: str | None
    alertmanager: str | None
    rollback_command: str | None
    state: Path


@app.command(epilog=keep_lines(EXAMPLES))
def alerts(
    *,
    environment: Annotated[str, typer.Option(help="local, staging or production.")] = "local",
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    alerts_enabled: Annotated[
        bool, typer.Option("--alerts-enabled", help="Send alerts to the sinks.")
    ] = False,
    every: Annotated[
        float, typer.Option(parser=duration_of, metavar="TIME", help="Between two rounds.")
    ] = 15.0,
    golden_path_every: Annotated[
        float,
        typer.Option(parser=duration_of, metavar="TIME", help="Between two golden paths."),
    ] = 60.0,
    duration: Annotated[
        float | None,
        typer.Option(parser=duration_of, metavar="TIME", help="Until Ctrl-C if absent."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit; for cron.")] = False,
    webhook: Annotated[
        str | None, typer.Option(envvar="NETRA_ALERT_WEBHOOK", help="URL for Slack's messages.")
    ] = None,
    alertmanager: Annotated[
        str | None, typer.Option(help="Base URL of an Alertmanager (API v2).")
    ] = None,
    thresholds: Annotated[Path | None, typer.Option(help="Another file of thresholds.")] = None,
    rollback_command: Annotated[
        str | None,
        typer.Option(help="Run this once per release when a critical alert fires; off by default."),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Where state is kept.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show alerts only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch health and sockets; raise and resolve alerts by monitoring-thresholds.yaml."""
    read = load_thresholds(thresholds)
    descriptor = load_environment(environment)
    plan = WatchPlan(
        address=address_of(descriptor, url),
        environment=environment,
        every=every,
        golden_path_every=golden_path_every,
        duration=duration,
        once=once,
        alerts_enabled=alerts_enabled,
        webhook=webhook,
        alertmanager=alertmanager,
        rollback_command=rollback_command,
        state=state or project_root() / ".netra" / f"alerts-{environment}.json",
    )
    firing = asyncio.run(_watch(plan, descriptor, read, quiet=quiet, as_json=as_json))
    if as_json:
        sys.stdout.write(json.dumps({"type": "end", "firing": firing}) + "\n")
    elif not quiet:
        sys.stdout.write(f"{len(firing)} alert(s) firing\n")
    raise typer.Exit(int(bool(firing)))


async def _watch(
    plan: WatchPlan,
    descriptor: EnvironmentDescriptor,
    thresholds: Thresholds,
    *,
    quiet: bool,
    as_json: bool,
) -> list[str]:
    board, rest = read_memory(plan.state, thresholds)
    dispatcher = Dispatcher(
        plan.environment,
        thresholds.alerting.resend_every,
        webhook=plan.webhook,
        alertmanager=plan.alertmanager,
        to_console=not as_json,
    )
    dispatcher.restore(rest.get("undelivered", {}))
    rollback = AutomaticRollback(plan.rollback_command or "", rest.get("rolledBack", []))
    place = local_backend(plan.address)
    details = f"http://{LOOPBACK}:{place[1]}" if place else plan.address
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as ends:
        accounts = await ends.enter_async_context(
            signed_in(plan.address, descriptor, sockets=1, purpose="health-monitor")
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
            ends.callback(loop.remove_signal_handler, number)
        collector = Collector(plan.address, details, accounts[0], board)
        operators = OperatorReports(plan.address, accounts[0])
        past: list[dict[str, Any]] = rest.get("past", [])
        ends_at = loop.time() + plan.duration if plan.duration else float("inf")
        golden_at = 0.0
        while not stop.is_set() and loop.time() < ends_at:
            started = loop.time()
            await collector.round(time.time())
            if started >= golden_at:
                await collector.golden_path(time.time())
                golden_at = started + plan.golden_path_every
            now = time.time()
            changes = board.evaluate(now)
            problems: list[str] = []
            if plan.alerts_enabled:
                problems = await dispatcher.dispatch(
                    changes, board.firing(now), now=now, monotonic=loop.time()
                )
                if rollback.command and rollback.is_due(changes, collector.revision):
                    status = await rollback.act(collector.revision)
                    problems.append(f"the rollback command ended with status {status}")
            past = remember(past, changes)
            report = summarize(board, past, now, environment=plan.environment, every=plan.every)
            if problem := await operators.send(report):
                problems.append(problem)
            memory = {
                "undelivered": dispatcher.to_json(),
                "rolledBack": rollback.acted_on,
                "past": past,
            }
            write_memory(plan.state, board, memory)
            firing = [one.rule.name for one in board.firing(now)[1:]]
            if as_json:
                _print_json(board, [asdict(one) for one in changes], firing, problems)
            elif not quiet:
                _print_round(collector, firing, problems)
            collector.notes.clear()
            if plan.once:
                break
            await _pause(stop, min(started + plan.every, ends_at))
        return [one.rule.name for one in board.firing(time.time())[1:]]


async def _pause(stop: asyncio.Event, until: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await stop.wait()


def _print_json(
    board: Board, changes: list[dict[str, Any]], firing: list[str], problems: list[str]
) -> None:
    values = {name: one.value for name, one in board.values.items()}
    document = {
        "type": "round", "values": values, "changes": changes, "firing": firing,
        "problems": problems,
    }  # fmt: skip
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _print_round(collector: Collector, firing: list[str], problems: list[str]) -> None:
    values = collector.board.values
    known = {name: one.value for name, one in sorted(values.items()) if one.value is not None}
    shown = ", ".join(f"{name} {value:.3g}" for name, value in known.items())
    state = f"firing: {', '.join(firing)}" if firing else "no alert"
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {shown}; {state}\n")
    for line in (*collector.notes, *problems):
        sys.stderr.write(f"  {line}\n")
    sys.stdout.flush()
