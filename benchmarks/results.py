"""From turns to figures: medians, ratios within one round, aims. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Sample:
    """One figure of one contestant in one round."""

    work: str
    contestant: str
    round: int
    figure: str
    value: float


@dataclass(frozen=True)
class Aim:
    """``contestant``'s ``figure`` is to be at most ``bound`` times ``peer``'s, or ``bound``."""

    work: str
    figure: str
    contestant: str
    peer: str | None
    bound: float

    @property
    def text(self) -> str:
        """Say it."""
        of = f" × {self.peer}" if self.peer else ""
        return f"{self.work}: {self.contestant} {self.figure} ≤ {self.bound:g}{of}"


AIMS = (
    Aim("echo", "cpu_us", "direct", "ws", 0.75),
    Aim("echo", "cpu_us", "gateway", "ws", 1.5),
    Aim("fanout", "cpu_us", "gateway", "ws", 0.85),
    Aim("fanout", "cpu_us", "gateway", "socket.io", 0.6),
    Aim("fanout", "last_ms", "gateway", None, 10.0),
    Aim("handshake", "cpu_us", "gateway", "uvicorn", 1 / 3),
    Aim("handshake", "cpu_us", "gateway", "ws", 1 / 5),
    Aim("memory", "kib", "gateway", None, 16.0),
)


@dataclass
class Results:
    """All samples of a run."""

    samples: list[Sample] = field(default_factory=list)

    def value(self, work: str, contestant: str, figure: str) -> float | None:
        """Return the median over the rounds; ``None`` when it was not measured."""
        values = [value for _, value in self._of(work, contestant, figure)]
        return median(values) if values else None

    def spread(self, work: str, contestant: str, figure: str) -> tuple[float, float] | None:
        """Return the least and the greatest value."""
        values = [value for _, value in self._of(work, contestant, figure)]
        return (min(values), max(values)) if values else None

    def ratio(self, work: str, figure: str, contestant: str, peer: str) -> float | None:
        """Return the median of the ratios within each round: both had the same neighbours."""
        peers = dict(self._of(work, peer, figure))
        ratios = [
            value / peers[number]
            for number, value in self._of(work, contestant, figure)
            if peers.get(number)
        ]
        return median(ratios) if ratios else None

    def reached(self, aim: Aim) -> float | None:
        """Return what was reached, in the terms of the aim."""
        if aim.peer is None:
            return self.value(aim.work, aim.contestant, aim.figure)
        return self.ratio(aim.work, aim.figure, aim.contestant, aim.peer)

    def _of(self, work: str, contestant: str, figure: str) -> Iterable[tuple[int, float]]:
        return [
            (sample.round, sample.value)
            for sample in self.samples
            if (sample.work, sample.contestant, sample.figure) == (work, contestant, figure)
        ]
