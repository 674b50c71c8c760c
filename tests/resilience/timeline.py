"""What the probes saw over time: the evidence of a fault test, and its summary."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

BUCKET_SECONDS = 0.1
# A shared machine takes the processor away for tens of milliseconds now and then. A probe that
# was sent later than this was not measured but delayed, and so was its neighbourhood.
DISTURBED_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe. Seconds.

    Args:
        at: when it began.
        latency: how long it took.
        status: HTTP status; 0 without an answer.
        state: health state seen, or what went wrong.
        late: how long after its time it was sent, which is the measuring process's own delay.
    """

    at: float
    latency: float
    status: int
    state: str
    late: float = 0.0


@dataclass(slots=True)
class Timeline:
    """Every probe of a run, and what was done meanwhile."""

    samples: list[Sample] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    @property
    def ordered(self) -> list[Sample]:
        """The probes in the order in which they were sent."""
        return sorted(self.samples, key=lambda sample: sample.at)

    @property
    def undisturbed(self) -> list[Sample]:
        """The probes in those tenths of a second in which every probe was sent in time."""
        disturbed = {_bucket(sample) for sample in self.samples if sample.late > DISTURBED_SECONDS}
        return [sample for sample in self.samples if _bucket(sample) not in disturbed]

    def latency(self, percentile: int) -> float:
        """Return the latency in seconds that ``percentile`` per cent of the probes kept."""
        return quantiles([sample.latency for sample in self.undisturbed], n=100)[percentile - 1]

    @property
    def states(self) -> list[str]:
        """The states in the order of their appearance, repetitions left out."""
        seen = [sample.state for sample in self.ordered]
        return seen[:1] + [after for before, after in pairwise(seen) if after != before]

    @property
    def statuses(self) -> set[int]:
        """Every HTTP status that occurred."""
        return {sample.status for sample in self.samples}

    def summary(self) -> dict[str, Any]:
        """Return the run's figures."""
        return {
            "probes": len(self.samples),
            "undisturbed": len(self.undisturbed),
            "p50_ms": round(self.latency(50) * 1000, 2),
            "p99_ms": round(self.latency(99) * 1000, 2),
            "max_ms": round(max(sample.latency for sample in self.undisturbed) * 1000, 2),
            "statuses": sorted(self.statuses),
            "states": self.states,
        }

    def buckets(self) -> list[dict[str, Any]]:
        """Return the probes condensed to one record for each tenth of a second."""
        grouped: dict[int, list[Sample]] = {}
        for sample in self.ordered:
            grouped.setdefault(_bucket(sample), []).append(sample)
        return [
            {
                "at": round(index * BUCKET_SECONDS, 1),
                "probes": len(group),
                "max_ms": round(max(sample.latency for sample in group) * 1000, 2),
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


def _bucket(sample: Sample) -> int:
    return int(sample.at / BUCKET_SECONDS)
