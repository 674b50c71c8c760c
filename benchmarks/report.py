"""Results as Markdown and as JSON. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.contestants import BY_NAME
from benchmarks.results import AIMS, Results

FIGURES = {
    "echo": (("cpu_us", "µs CPU per round trip"), ("per_second", "per second")),
    "handshake": (("cpu_us", "µs CPU per handshake"), ("per_second", "per second")),
    "reconnect": (("cpu_us", "µs CPU per reconnect"), ("per_second", "per second")),
    "fanout": (("cpu_us", "µs CPU per delivery"), ("last_ms", "last delivery, ms")),
    "memory": (("kib", "KiB per idle socket"),),
    "resume": (("cpu_us", "µs CPU per event"), ("all_ms", "1000 events, ms")),
}
BASE = "ws"


def as_markdown(results: Results, works: Sequence[str], names: Sequence[str]) -> str:
    """Return one table per work, then the aims."""
    parts = [_table(results, work, names) for work in works]
    parts.append(_aims(results))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(results: Results, work: str, names: Sequence[str]) -> str:
    columns = FIGURES[work]
    first = columns[0][0]
    rows = []
    for name in names:
        values = [results.value(work, name, figure) for figure, _ in columns]
        if values[0] is None:
            continue
        ratio = results.ratio(work, first, name, BASE)
        low, high = results.spread(work, name, first) or (0.0, 0.0)
        cells = [
            BY_NAME[name].title,
            *(_number(value) for value in values),
            "–" if ratio is None else f"{ratio:.2f}",
            f"{_number(low)} to {_number(high)}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    if not rows:
        return ""
    head = [work, *(title for _, title in columns), f"× {BASE}", "least to greatest"]
    line = "|---|" + "---:|" * (len(head) - 1)
    return "\n".join(["| " + " | ".join(head) + " |", line, *rows])


def _aims(results: Results) -> str:
    rows = []
    for aim in AIMS:
        reached = results.reached(aim)
        if reached is not None:
            verdict = "reached" if reached <= aim.bound else "missed"
            rows.append(f"| {aim.text} | {reached:.2f} | {verdict} |")
    if not rows:
        return ""
    return "\n".join(["| aim | measured | |", "|---|---:|---|", *rows])


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def as_json(results: Results, conditions: Mapping[str, Any]) -> str:
    """Return everything that was measured, and under which conditions."""
    document = {
        "conditions": dict(conditions),
        "aims": [
            {**asdict(aim), "reached": results.reached(aim)}
            for aim in AIMS
            if results.reached(aim) is not None
        ],
        "samples": [asdict(sample) for sample in results.samples],
    }
    return json.dumps(document, indent=2) + "\n"
