"""The text and the HTML page of a load test. Pure."""

from netra_ops.load.accounting import Figures
from netra_ops.load.result import Result
from netra_ops.load.server_figures import ServerFigures
from netra_ops.load.verdict import Verdict
from netra_ops.measure.latencies import Latencies
from netra_ops.measure.page import chart, page, table

COLUMNS = ("step", "count", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "max ms")


def lines(figures: Figures, verdict: Verdict) -> list[str]:
    """Return what a person reads at the end."""
    head = f"{'step':<16}{'count':>8}{'p50':>10}{'p95':>10}{'p99':>10}{'max':>10}  ms"
    found = [head]
    for name, latencies in _rows(figures):
        summary = latencies.summary()
        keys = ("p50Ms", "p95Ms", "p99Ms", "maxMs")
        cells = "".join(f"{_shown(summary[key]):>10}" for key in keys)
        found.append(f"{name:<16}{latencies.count:>8}{cells}")
    errors = ", ".join(f"{code} {count}" for code, count in sorted(figures.errors.items()))
    failed = f"{figures.errors.total()} failed{': ' if errors else ''}{errors}"
    sent = f"{figures.intended} intended = {figures.sent} sent + {figures.dropped} dropped"
    opened = f"{figures.opened} opened + {figures.refused} refused + {figures.failed} failed"
    found += [
        "",
        f"operations  {sent}; {figures.ok} ok, {failed}",
        f"sockets     {figures.users} users = {opened}",
        f"generator   {figures.ceiling:,.0f} round trips/s at most",
    ]
    found += [f"note: {remark}" for remark in verdict.remarks]
    found += [f"FAILED: {reason}" for reason in verdict.reasons]
    if verdict.passed:
        found.append(f"PASSED: {figures.success_rate:.2f} % of the intended operations succeeded")
    return found


def html(result: Result, verdict: Verdict, server: ServerFigures) -> str:
    """Return a page without anything to download."""
    figures = result.figures
    rows = []
    for name, latencies in _rows(figures):
        summary = latencies.summary()
        keys = ("count", "p50Ms", "p95Ms", "p99Ms", "p999Ms", "maxMs")
        rows.append([name, *(summary[key] for key in keys)])
    counts = [
        ("operations intended", figures.intended),
        ("operations sent", figures.sent),
        ("operations dropped", figures.dropped),
        ("operations ok", figures.ok),
        ("sockets opened", figures.opened),
        ("sockets refused", figures.refused),
        ("sockets failed", figures.failed),
        ("round trips per second of the generator", round(figures.ceiling)),
    ]
    parts = [
        table("Latencies from the intended start", COLUMNS, rows),
        table("Accounting", ("what", "count"), counts),
        table("Errors", ("code", "count"), sorted(figures.errors.items())),
        table(
            "Server, highest values",
            ("what", "value"),
            [
                ("CPU, percent of a core", round(server.cpu_percent, 1)),
                ("memory, MiB", round(server.rss_bytes / 2**20, 1)),
                ("late imports", server.late_imports),
                *sorted(server.highest.items()),
            ],
        ),
        chart(
            "Server over time",
            "percent, MiB",
            {
                "CPU %": [(at, cpu) for at, cpu, _ in server.timeline],
                "memory MiB": [(at, rss) for at, _, rss in server.timeline],
            },
        ),
    ]
    text = "PASSED" if verdict.passed else "FAILED: " + "; ".join(verdict.reasons)
    title = f"Load: {result.scenario} on {result.address}"
    return page(title, text, passed=verdict.passed, parts=parts)


def _rows(figures: Figures) -> list[tuple[str, Latencies]]:
    return [
        *sorted(figures.steps.items()),
        ("connect", figures.connect),
        ("generator lag", figures.lag),
    ]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
