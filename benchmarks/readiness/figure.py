"""``python -m benchmarks.readiness.figure``: one outage, two services, one picture.

Above, readiness with the configuration that the guide set out to repair: one Redis check in the
request, 30 s, three attempts. Below, Netra's. Both at the same time on the same Valkey, which falls
into a black hole for 40 s.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.readiness.drawing import Outage, Panel, Probe, draw
from benchmarks.readiness.stand import GUIDE, stand
from tests.resilience.prober import Prober

FIGURE = Path("docs/figures/readiness-outage.svg")
DATA = Path("reports/readiness/outage.json")
RATE = 2.0  # the peer holds a connection of its pool of 100 for each probe that hangs
CALM_SECONDS, OUTAGE_SECONDS, AFTER_SECONDS = 10.0, 40.0, 20.0
ANSWER_SECONDS = 90.0  # the peer's 30 s x 3 + 2 x 1 s would be 92 s; the outage ends before


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, keep the data, draw."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.readiness.figure",
        description="Draw /health/ready through a Redis outage, before and after. Takes 80 s.",
    )
    parser.add_argument("--output", type=Path, default=FIGURE, help=f"default {FIGURE}")
    parser.add_argument("--data", type=Path, default=DATA, help=f"default {DATA}")
    parser.add_argument(
        "--redraw", action="store_true", help="draw the data of the last run, measure nothing"
    )
    options = parser.parse_args(arguments)
    if options.redraw and not options.data.exists():
        parser.error(f"{options.data} does not exist; run without --redraw first")
    if not options.redraw:
        panels, outage = asyncio.run(_watch())
        options.data.parent.mkdir(parents=True, exist_ok=True)
        document = {"outage": asdict(outage), "panels": [asdict(panel) for panel in panels]}
        options.data.write_text(json.dumps(document))
    document = json.loads(options.data.read_text())
    panels = [
        Panel(one["title"], one["note"], [Probe(**probe) for probe in one["probes"]])
        for one in document["panels"]
    ]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(draw(panels, Outage(**document["outage"])))
    sys.stdout.write(f"{options.output}\n")
    return 0


async def _watch() -> tuple[list[Panel], Outage]:
    async with stand(GUIDE) as both:
        netra, peer = both.netra.backend, both.peer
        async with (
            Prober(peer.port, peer.child.pid, rate=RATE, answer_seconds=ANSWER_SECONDS) as before,
            Prober(netra.port, netra.child.pid, rate=RATE, answer_seconds=ANSWER_SECONDS) as after,
        ):
            await _pass_time("calm", CALM_SECONDS)
            start = before.now
            await both.start_black_hole()
            await _pass_time("outage", OUTAGE_SECONDS)
            end = before.now
            await both.end_black_hole()
            await _pass_time("after", AFTER_SECONDS)
            watched = before.now
    return (
        [
            _panel("before: asked in the request, 30 s x 3", before),
            _panel("after: answered from the snapshot, 3 s x 2 in the background", after),
        ],
        Outage(start, end, watched),
    )


def _panel(title: str, prober: Prober) -> Panel:
    probes = [
        Probe(round(sample.at, 2), round(sample.latency * 1000, 2), sample.state)
        for sample in prober.timeline.ordered
    ]
    slowest = max(probe.ms for probe in probes)
    shown = f"{slowest / 1000:.1f} s" if slowest >= 1000 else f"{slowest:.0f} ms"
    return Panel(title, f"{len(probes)} probes, slowest {shown}", probes)


async def _pass_time(what: str, seconds: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"{what}, {seconds:g} s\n")
    await asyncio.sleep(seconds)


if __name__ == "__main__":
    sys.exit(main())
