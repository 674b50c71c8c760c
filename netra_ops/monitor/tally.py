"""Everything a monitor has seen, added up. Pure: no clock, no I/O."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from netra_client.codes import CLOSE_CODES
from netra_ops.measure.latencies import Latencies
from netra_ops.measure.probe import ProbeResult

TIMELINE_SECONDS = 3600  # seconds kept for the charts; older ones stay in the totals


@dataclass(slots=True)
class Second:
    """What the probes that started in one second saw; latencies in seconds."""

    ok: int = 0
    failed: int = 0
    longest_handshake: float = 0.0
    longest_round_trip: float = 0.0


@dataclass(slots=True)
class HeldSockets:
    """The sockets that stay open.

    Attributes:
        open: now.
        most: that were open at one time.
        resumes: reconnects of a socket that was connected before.
        events: thread events that readers received.
        expected: events that they should have received, by the offsets.
        resets: times at which a reader had to reload its history.
    """

    open: int = 0
    most: int = 0
    resumes: int = 0
    events: int = 0
    expected: int = 0
    resets: int = 0

    def change(self, difference: int) -> None:
        """Count sockets that opened (+1) or closed (-1)."""
        self.open += difference
        self.most = max(self.most, self.open)

    @property
    def delivery(self) -> float | None:
        """Percent of the expected events that were received; None when none was expected."""
        return None if not self.expected else 100.0 * self.events / self.expected


@dataclass(slots=True)
class Tally:
    """Totals of a monitor.

    Args:
        started_at: Unix seconds.
    """

    started_at: float
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    places: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    handshake: Latencies = field(default_factory=Latencies)
    initialize: Latencies = field(default_factory=Latencies)
    round_trip: Latencies = field(default_factory=Latencies)
    held: HeldSockets = field(default_factory=HeldSockets)
    skipped: int = 0
    timeline: dict[int, Second] = field(default_factory=dict)

    @property
    def attempts(self) -> int:
        """Probes that ended."""
        return self.outcomes.total()

    @property
    def success_rate(self) -> float | None:
        """Percent of the probes that succeeded; None before the first."""
        return None if not self.attempts else 100.0 * self.outcomes["ok"] / self.attempts

    def add(self, result: ProbeResult) -> None:
        """Count one probe."""
        self.outcomes[result.outcome.value] += 1
        if result.code:
            self.codes[result.code] += 1
        if result.close_code is not None:
            self.closes[result.close_code] += 1
        for latencies, seconds in (
            (self.handshake, result.handshake),
            (self.initialize, result.initialize),
            (self.round_trip, result.round_trip),
        ):
            if seconds is not None:
                latencies.record(seconds)
        if result.instance:
            place = self.places.setdefault((result.instance, result.revision), Counter())
            place[result.outcome.value] += 1
        self._note(result)

    def closed(self, code: int) -> None:
        """Count the end of a held socket."""
        self.closes[code] += 1

    def _note(self, result: ProbeResult) -> None:
        number = int(result.at - self.started_at)
        second = self.timeline.setdefault(number, Second())
        if result.is_ok:
            second.ok += 1
        else:
            second.failed += 1
        second.longest_handshake = max(second.longest_handshake, result.handshake or 0.0)
        second.longest_round_trip = max(second.longest_round_trip, result.round_trip or 0.0)
        if len(self.timeline) > TIMELINE_SECONDS:
            del self.timeline[min(self.timeline)]

    def summary(self) -> dict[str, Any]:
        """Return the totals as JSON values; latencies in milliseconds."""
        return {
            "probes": self.attempts,
            "skipped": self.skipped,
            "successRate": _rounded(self.success_rate),
            "outcomes": dict(self.outcomes),
            "codes": dict(self.codes),
            "closes": {str(code): count for code, count in sorted(self.closes.items())},
            "handshake": self.handshake.summary(),
            "initialize": self.initialize.summary(),
            "roundTrip": self.round_trip.summary(),
            "held": {
                "open": self.held.open,
                "most": self.held.most,
                "resumes": self.held.resumes,
                "events": self.held.events,
                "expectedEvents": self.held.expected,
                "deliveryRate": _rounded(self.held.delivery),
                "resets": self.held.resets,
            },
            "instances": [
                {"instance": instance, "revision": revision or None, **counts}
                for (instance, revision), counts in sorted(self.places.items())
            ],
        }


def close_name(code: int) -> str:
    """Return the name of a close code, as ``docs/protocol.md`` has it."""
    row = CLOSE_CODES.get(code)
    return row.name if row else {1001: "going_away", 1006: "abnormal_closure"}.get(code, "other")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
