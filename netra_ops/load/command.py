"""``netra load`` and ``scripts/websocket_load_test.py``."""

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from netra_ops.environments.access import address_of
from netra_ops.environments.loader import EnvironmentDescriptor, load_environment
from netra_ops.errors import OperatorError
from netra_ops.load.accounting import Figures
from netra_ops.load.coordinator import run_workers, start_time
from netra_ops.load.plan import WorkerPlan
from netra_ops.load.report import html, lines
from netra_ops.load.result import Result, compare, merge_results, read_result, write_result
from netra_ops.load.scenarios.catalogue import NAMES, scenario_of
from netra_ops.load.server_figures import ServerFigures, local_backend, sample
from netra_ops.load.verdict import Thresholds, Verdict, judge
from netra_ops.measure.accounts import SOCKETS_PER_ACCOUNT, signed_in
from netra_ops.measure.duration import duration_of
from netra_ops.stack.options import AsJson
from netra_ops.terminal import keep_lines

EXAMPLES = f"""Examples:
  netra load --concurrent 10 --duration 60s
  netra load --scenario idle --concurrent 500 --ramp 30s --workers 2 --duration 5m
  netra load --environment staging --scenario reconnect-storm --max-p99 2s --report load.html
  netra load --scenario my_package.scenarios:Checkout --concurrent 20 --duration 2m
  netra load compare before.json after.json
  netra load merge one.json two.json --result both.json    results of several machines

Scenarios: {", ".join(NAMES)}, or module:Class.
Latencies count from the intended start of an operation. Ctrl-C ends the load with the verdict.
Exit status: 0 passed, 1 failed, 2 usage, 3 no account."""

app = typer.Typer(add_completion=False, epilog=keep_lines(EXAMPLES), invoke_without_command=True)


class NothingToMerge(OperatorError):
    """The results do not belong together."""

    code = "nothing_to_merge"
    title = "Nothing to merge"
    exit_code = 2


@dataclass(frozen=True)
class LoadPlan:
    """What one invocation does; seconds."""

    address: str
    scenario: str
    concurrent: int
    duration: float
    ramp: float
    interval: float | None
    workers: int


@app.callback()
def load(
    context: typer.Context,
    *,
    environment: Annotated[str, typer.Option(help="local, staging or production.")] = "local",
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    scenario: Annotated[str, typer.Option(help="What each user does.")] = "mixed",
    concurrent: Annotated[int, typer.Option(min=1, max=100_000, help="Users.")] = 10,
    duration: Annotated[
        float,
        typer.Option(parser=duration_of, metavar="TIME", help="After the ramp: 60s, 5m, 1h."),
    ] = 60.0,
    ramp: Annotated[
        float | None,
        typer.Option(parser=duration_of, metavar="TIME", help="Time in which users arrive."),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(
            parser=duration_of, metavar="TIME", help="Between two operations of one user."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 1,
    success_rate_threshold: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of the intended operations.")
    ] = 95.0,
    max_p99: Annotated[
        float | None,
        typer.Option(parser=duration_of, metavar="TIME", help="Highest p99 of every step."),
    ] = None,
    result: Annotated[Path | None, typer.Option(help="Write the result to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report to this file.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load the platform with users that speak the real protocol, and judge the result."""
    if context.invoked_subcommand is not None:
        return
    scenario_of(scenario)
    descriptor = load_environment(environment)
    plan = LoadPlan(
        address_of(descriptor, url), scenario, concurrent, duration, ramp or 0.0, interval,
        min(workers, concurrent),
    )  # fmt: skip
    server = ServerFigures()
    figures = asyncio.run(_run(plan, descriptor, server, is_shown=not quiet and not as_json))
    verdict = judge(
        figures, Thresholds(success_rate_threshold, max_p99), late_imports=server.late_imports
    )
    found = Result(scenario, plan.address, duration, figures)
    if result is not None:
        write_result(result, found)
    if report is not None:
        report.write_text(html(found, verdict, server))
    _show(figures, verdict, server, as_json=as_json)
    raise typer.Exit(0 if verdict.passed else 1)


@app.command(name="compare")
def compare_results(
    before: Annotated[Path, typer.Argument(help="A file of --result.")],
    after: Annotated[Path, typer.Argument(help="Another one.")],
    *,
    tolerance: Annotated[
        float, typer.Option(min=0, help="Percent by which a p99 may grow.")
    ] = 25.0,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two results; exit 1 when a p99 grew beyond the tolerance."""
    changes = compare(read_result(before), read_result(after))
    worse = [one for one in changes if one.percentile == "p99" and one.ratio > 1 + tolerance / 100]
    if as_json:
        rows = [
            {"step": one.step, "percentile": one.percentile, "beforeMs": one.before,
             "afterMs": one.after, "ratio": round(one.ratio, 3)}
            for one in changes
        ]  # fmt: skip
        sys.stdout.write(json.dumps({"passed": not worse, "changes": rows}) + "\n")
    else:
        for one in changes:
            mark = "worse" if one in worse else ""
            sys.stdout.write(
                f"{one.step:<16}{one.percentile:<5}{one.before:>10.1f} -> {one.after:>8.1f} ms"
                f"  x{one.ratio:.2f} {mark}\n"
            )
        sys.stdout.write("FAILED\n" if worse else "PASSED\n")
    raise typer.Exit(int(bool(worse)))


@app.command()
def merge(
    files: Annotated[list[Path], typer.Argument(help="Files of --result, of one scenario.")],
    *,
    result: Annotated[Path, typer.Option(help="Where the sum is written.")],
) -> None:
    """Add up the results of several machines; no sample is lost."""
    results = [read_result(path) for path in files]
    if len({one.scenario for one in results}) > 1:
        raise NothingToMerge("the files are of different scenarios", remedy="merge one scenario")
    merged = merge_results(results)
    write_result(result, merged)
    verdict = Verdict(tuple(merged.figures.imbalances()))
    sys.stdout.write("\n".join(lines(merged.figures, verdict)) + "\n")
    raise typer.Exit(0 if verdict.passed else 1)


def _show(figures: Figures, verdict: Verdict, server: ServerFigures, *, as_json: bool) -> None:
    if not as_json:
        sys.stdout.write("\n".join(lines(figures, verdict)) + "\n")
        return
    counts = figures.to_json()
    counts.pop("histograms")
    steps = {name: one.summary() for name, one in sorted(figures.steps.items())}
    document = {
        "passed": verdict.passed,
        "reasons": verdict.reasons,
        "remarks": verdict.remarks,
        "successRate": figures.success_rate,
        **counts,
        "steps": {**steps, "connect": figures.connect.summary(), "lag": figures.lag.summary()},
        "server": {
            "cpuPercent": round(server.cpu_percent, 1),
            "rssBytes": server.rss_bytes,
            "lateImports": server.late_imports,
            **server.highest,
        },
    }
    sys.stdout.write(json.dumps(document) + "\n")


async def _run(
    plan: LoadPlan, descriptor: EnvironmentDescriptor, server: ServerFigures, *, is_shown: bool
) -> Figures:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    per_worker = [tuple(range(one, plan.concurrent, plan.workers)) for one in range(plan.workers)]
    async with AsyncExitStack() as ends:
        needed = sum(-(-len(users) // SOCKETS_PER_ACCOUNT) for users in per_worker)
        accounts = await ends.enter_async_context(
            signed_in(
                plan.address, descriptor, sockets=needed * SOCKETS_PER_ACCOUNT, purpose="load"
            )
        )
        pairs = [account.pair for account in accounts]
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
            ends.callback(loop.remove_signal_handler, number)
        starts = start_time()
        plans = []
        for users in per_worker:
            count = -(-len(users) // SOCKETS_PER_ACCOUNT)
            own, pairs = tuple(pairs[:count]), pairs[count:]
            worker_plan = WorkerPlan(
                address=plan.address,
                scenario=plan.scenario,
                users=users,
                total_users=plan.concurrent,
                duration=plan.duration,
                ramp=plan.ramp,
                interval=plan.interval,
                accounts=own,
                sockets_per_account=SOCKETS_PER_ACCOUNT,
                started_at=starts,
            )
            plans.append(worker_plan)
        if (place := local_backend(plan.address)) is not None:
            sampler = asyncio.create_task(sample(*place, server))
            ends.callback(sampler.cancel)
        return await run_workers(plans, _progress if is_shown else _ignore, stop)


def _progress(found: dict[str, int]) -> None:
    text = f"{found['opened']} sockets, {found['sent']} sent, {found['ok']} ok"
    if found["errors"]:
        text += f", {found['errors']} failed"
    end = "\r" if sys.stderr.isatty() else "\n"
    sys.stderr.write(f"{text:<70}{end}")


def _ignore(_found: dict[str, int]) -> None:
    """Nothing is shown."""
