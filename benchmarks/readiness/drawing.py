"""Draws what two services answered during one outage, as SVG. Pure.

Written out by hand: one figure does not justify a plotting library in every test environment, and
so the page's light and dark themes are two lines of CSS.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

WIDTH, PANEL_HEIGHT, PANEL_GAP = 860, 150, 76
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 64, 44
STRIP_HEIGHT = 9  # of the states, below each panel
LEAST_MS, MOST_MS = 0.5, 100_000.0
TICKS = ((1.0, "1 ms"), (10.0, "10 ms"), (100.0, "100 ms"), (1e3, "1 s"), (1e4, "10 s"), (1e5, ""))
PROMISE_MS = 8_000.0
STATES = frozenset({"pass", "warn", "fail"})
GRID_SECONDS = 10

STYLE = """
text{font:12px system-ui,sans-serif;fill:#24292f}.small{font-size:11px;fill:#57606a}
.title{font-size:14px;font-weight:600}.grid{stroke:#d0d7de}.promise{stroke:#cf222e}
.outage{fill:#818b98;opacity:.14}.dot{fill:#0969da}
.pass{fill:#2da44e}.warn{fill:#d4a72c}.fail{fill:#cf222e}.none{fill:#818b98}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}
.grid{stroke:#30363d}.dot{fill:#58a6ff}.outage{opacity:.22}}
"""


@dataclass(frozen=True)
class Probe:
    """One answer: when it was asked for (s), how long it took (ms), what it said."""

    at: float
    ms: float
    state: str


@dataclass(frozen=True)
class Panel:
    """One service through the outage."""

    title: str
    note: str
    probes: Sequence[Probe]


@dataclass(frozen=True)
class Outage:
    """When it started and ended, and how long was watched. Seconds."""

    start: float
    end: float
    watched: float


def draw(panels: Sequence[Panel], outage: Outage) -> str:
    """Return the figure."""
    height = TOP + len(panels) * (PANEL_HEIGHT + PANEL_GAP) - PANEL_GAP + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Latency and state of /health/ready during a Redis outage</title>",
        f"<style>{STYLE}</style>",
        _text(LEFT, 20, "GET /health/ready while Redis is in a black hole", "title"),
        *_legend(),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, outage, TOP + number * (PANEL_HEIGHT + PANEL_GAP))
    parts.append(_text(WIDTH / 2, height - 8, "seconds", "small", anchor="middle"))
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, outage: Outage, top: float) -> Iterable[str]:
    bottom = top + PANEL_HEIGHT
    start, end = _x(outage.start, outage), _x(outage.end, outage)
    yield _text(LEFT, top - 8, panel.title)
    yield _text(WIDTH - RIGHT, top - 8, panel.note, "small", anchor="end")
    yield (
        f'<rect class="outage" x="{start:.1f}" y="{top}" width="{end - start:.1f}"'
        f' height="{PANEL_HEIGHT}"/>'
    )
    for value, label in TICKS:
        y = _y(value, top)
        yield _line(LEFT, y, WIDTH - RIGHT, y, "grid")
        yield _text(LEFT - 8, y + 4, label, "small", anchor="end")
    y = _y(PROMISE_MS, top)
    yield _line(LEFT, y, WIDTH - RIGHT, y, "promise", dashed=True)
    yield _text(LEFT + 4, y - 4, "8 s", "small")
    for probe in panel.probes:
        x = _x(probe.at, outage)
        yield f'<circle class="dot" cx="{x:.1f}" cy="{_y(probe.ms, top):.1f}" r="1.8"/>'
    yield from _strip(panel.probes, outage, bottom + 4)
    for second in range(0, int(outage.watched) + 1, GRID_SECONDS):
        x = _x(second, outage)
        yield _text(x, bottom + STRIP_HEIGHT + 20, str(second), "small", anchor="middle")


def _strip(probes: Sequence[Probe], outage: Outage, top: float) -> Iterable[str]:
    """Yield what was known at each moment: a probe's state holds from its answer on."""
    answered = sorted(probes, key=lambda probe: probe.at)
    known = [(probe.at, probe.state if _is_answer(probe) else "none") for probe in answered]
    for state, group in groupby(known, key=lambda item: item[1]):
        moments = [at for at, _ in group]
        later = [at for at, _ in known if at > moments[-1]]
        start, end = _x(moments[0], outage), _x(later[0] if later else outage.watched, outage)
        yield (
            f'<rect class="{state}" x="{start:.1f}" y="{top}" width="{end - start:.1f}"'
            f' height="{STRIP_HEIGHT}"/>'
        )


def _is_answer(probe: Probe) -> bool:
    return probe.ms <= PROMISE_MS and probe.state in STATES


def _legend() -> Iterable[str]:
    meanings = (("pass", "pass"), ("warn", "warn: degraded, 200"), ("fail", "fail: 503"),
                ("none", "no answer within 8 s"))  # fmt: skip
    x = float(LEFT)
    for state, meaning in meanings:
        yield f'<rect class="{state}" x="{x:.0f}" y="30" width="18" height="{STRIP_HEIGHT}"/>'
        yield _text(x + 24, 39, meaning, "small")
        x += 48 + 6.2 * len(meaning)


def _x(seconds: float, outage: Outage) -> float:
    share = min(1.0, max(0.0, seconds / outage.watched))
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(ms: float, top: float) -> float:
    share = math.log(min(MOST_MS, max(LEAST_MS, ms)) / LEAST_MS) / math.log(MOST_MS / LEAST_MS)
    return top + PANEL_HEIGHT * (1 - share)


def _text(x: float, y: float, what: str, kind: str = "", *, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(what)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{dashes}/>'
