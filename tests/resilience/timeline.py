"""What the probes saw over time: the evidence of a fault test, and its summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from test_framework.stolen_time import StolenTime

BUCKET_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe. Seconds.

    Args:
        at: when it started.
        latency: how long it took.
        status: HTTP status; 0 without an answer.
        state: health state seen, or what went wrong.
    """

    at: float
    latency: float
    status: int
    state: str


@dataclass(slots=True)
class Timeline:
    """Every probe of a run, what was done meanwhile, and when the machine was elsewhere."""

    samples: list[Sample] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)
    stolen: StolenTime = field(default_factory=StolenTime)

    @property
    def ordered(self) -> list[Sample]:
        """The probes in the order in which they were sent."""
        return sorted(self.samples, key=lambda sample: sample.at)

    def fair(self, start: float, end: float) -> float:
        """Return the seconds from ``start`` to ``end`` in which everybody had a processor."""
        return end - start - self.stolen.within(start, end)

    def fair_latency(self, percentile: int) -> float:
        """Return the latency that ``percentile`` per cent of the probes kept, fairly counted."""
        return _percentile(
            [self.fair(sample.at, sample.at + sample.latency) for sample in self.samples],
            percentile,
        )

    @property
    def states(self) -> list[str]:
        """The states in the order of their appearance, repetitions left out.

        Probes overlap, and the server may answer a later one first: a probe that was in flight
        when a state was first seen may still show the state before.
        """
        seen: list[str] = []
        first_seen_at = 0.0
        for sample in self.ordered:
            if not seen or (sample.state != seen[-1] and sample.at >= first_seen_at):
                seen.append(sample.state)
                first_seen_at = sample.at + sample.latency
        return seen

    @property
    def statuses(self) -> set[int]:
        """Every HTTP status that occurred."""
        return {sample.status for sample in self.samples}

    def summary(self) -> dict[str, Any]:
        """Return the run's figures; ``wall`` is what a clock showed, ``fair`` what is judged."""
        wall = [sample.latency for sample in self.samples]
        return {
            "probes": len(self.samples),
            "seconds": round(max((sample.at for sample in self.samples), default=0.0), 1),
            "stolen_seconds": round(self.stolen.total, 2),
            "fair_p50_ms": _ms(self.fair_latency(50)),
            "fair_p99_ms": _ms(self.fair_latency(99)),
            "wall_p50_ms": _ms(_percentile(wall, 50)),
            "wall_p99_ms": _ms(_percentile(wall, 99)),
            "wall_max_ms": _ms(max(wall, default=0.0)),
            "statuses": sorted(self.statuses),
            "states": self.states,
        }

    def buckets(self) -> list[dict[str, Any]]:
        """Return the probes condensed to one record for each tenth of a second."""
        grouped: dict[int, list[Sample]] = {}
        for sample in self.ordered:
            grouped.setdefault(int(sample.at / BUCKET_SECONDS), []).append(sample)
        return [
            {
                "at": round(index * BUCKET_SECONDS, 1),
                "probes": len(group),
                "max_ms": _ms(max(sample.latency for sample in group)),
                "states": sorted({sample.state for sample in group}),
            }
            for index, group in sorted(grouped.items())
        ]

    def write(self, path: Path, **facts: Any) -> None:
        """Keep the run as evidence."""
        path.parent.mkdir(parents=True, exist_ok=True)
        marks = [{"at": round(at, 3), "what": what} for at, what in self.marks]
        document = {**facts, **self.summary(), "marks": marks, "timeline": self.buckets()}
        path.write_text(json.dumps(document, indent=1) + "\n")


def _percentile(values: Sequence[float], percentile: int) -> float:
    """Return 0 of nothing and the value itself of one: a summary must not fail a test."""
    if len(values) < 2:
        return sum(values)
    return quantiles(values, n=100)[percentile - 1]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
