"""The HTML report of a monitor. Pure."""

from netra_ops.measure.latencies import Latencies
from netra_ops.measure.page import chart, page, table
from netra_ops.monitor.tally import Tally, close_name

COLUMNS = ("", "count", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "max ms")


def html(tally: Tally, *, address: str, verdict: str, passed: bool) -> str:
    """Return a page without anything to download."""
    seconds = sorted(tally.timeline.items())
    parts = [
        table("Latencies", COLUMNS, [_row(*pair) for pair in _latencies(tally)]),
        table("Outcomes", ("outcome", "count"), sorted(tally.outcomes.items())),
        table("Errors", ("code", "count"), sorted(tally.codes.items())),
        table(
            "Close codes",
            ("code", "name", "count"),
            [(code, close_name(code), count) for code, count in sorted(tally.closes.items())],
        ),
        table(
            "Instances",
            ("instance", "revision", "probes", "ok"),
            [
                (instance, revision, counts.total(), counts["ok"])
                for (instance, revision), counts in sorted(tally.places.items())
            ],
        ),
        chart(
            "Probes per second",
            "per second",
            {
                "ok": [(float(at), float(second.ok)) for at, second in seconds],
                "failed": [(float(at), float(second.failed)) for at, second in seconds],
            },
        ),
        chart(
            "Longest latency per second",
            "ms",
            {
                "handshake": [(float(at), one.longest_handshake * 1000) for at, one in seconds],
                "round trip": [(float(at), one.longest_round_trip * 1000) for at, one in seconds],
            },
        ),
    ]
    return page(f"Connection monitor: {address}", verdict, passed=passed, parts=parts)


def _latencies(tally: Tally) -> list[tuple[str, Latencies]]:
    return [
        ("handshake", tally.handshake),
        ("initialize", tally.initialize),
        ("round trip", tally.round_trip),
    ]


def _row(name: str, latencies: Latencies) -> list[object]:
    found = latencies.summary()
    return [name, *(found[key] for key in ("count", "p50Ms", "p95Ms", "p99Ms", "p999Ms", "maxMs"))]
