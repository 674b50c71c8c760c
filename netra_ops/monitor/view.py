"""The tally as a Rich table, as one line, and as the last lines of a run. Pure."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from netra_ops.measure.duration import show_duration
from netra_ops.measure.latencies import Latencies, milliseconds
from netra_ops.monitor.tally import Tally, close_name


def live_view(tally: Tally, *, elapsed: float, address: str) -> Group:
    """Return the live table."""
    return Group(Text(f"{address}  {show_duration(elapsed)}  {line(tally)}"), *tables(tally))


def tables(tally: Tally) -> list[Text | Table]:
    """Return the latencies and the counts."""
    latencies = Table("", "count", "p50", "p95", "p99", "max", box=None, pad_edge=False)
    for name, values in (
        ("handshake", tally.handshake),
        ("initialize", tally.initialize),
        ("round trip", tally.round_trip),
    ):
        latencies.add_row(name, *_latency_cells(values))
    counts = Table("what", "which", "count", box=None, pad_edge=False)
    for outcome, count in sorted(tally.outcomes.items()):
        counts.add_row("outcome", outcome, str(count))
    for code, count in sorted(tally.codes.items()):
        counts.add_row("error", code, str(count))
    for number, count in sorted(tally.closes.items()):
        counts.add_row("close", f"{number} {close_name(number)}", str(count))
    for (instance, revision), by_outcome in sorted(tally.places.items()):
        where = f"{instance} {revision}".rstrip()
        counts.add_row("instance", where, str(by_outcome.total()))
    return [Text(), latencies, Text(), counts]


def line(tally: Tally, *, ended: bool = False) -> str:
    """Return the totals in one line; the held sockets are closed when the run has ended."""
    rate = tally.success_rate
    shown = "no probe yet" if rate is None else f"{rate:.2f} % of {tally.attempts} succeeded"
    held = tally.held
    sockets = f"{held.most} sockets held" if ended else f"{held.open} sockets"
    parts = [shown, sockets, f"{held.resumes} resumes", f"{held.events} events"]
    if held.delivery is not None and held.events != held.expected:
        parts[-1] += f" of {held.expected}"
    if tally.skipped:
        parts.append(f"{tally.skipped} probes skipped")
    return ", ".join(parts)


def _latency_cells(values: Latencies) -> list[str]:
    shown = [milliseconds(values.percentile(percent)) for percent in (50, 95, 99)]
    cells = [*shown, milliseconds(values.longest)]
    return [str(values.count), *("-" if cell is None else f"{cell:.1f} ms" for cell in cells)]
