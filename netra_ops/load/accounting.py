"""The figures of a load test and the identities that they must satisfy. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from netra_ops.measure.latencies import Latencies


@dataclass(slots=True)
class Figures:
    """Counts and latencies of one worker, or of all of them together.

    Attributes:
        users: sockets that should have been opened.
        opened: sockets that were.
        refused: sockets that the server refused.
        failed: sockets that failed in any other way.
        intended: operations of the schedule.
        sent: operations that were started.
        dropped: operations that were not, since their user had no socket or the test ended.
        ok: operations that succeeded.
        errors: failed operations by code.
        steps: latencies by step, from the intended start of the operation.
        connect: latencies of opening the sockets.
        lag: how late this program started operations of idle users; its own defect.
        ceiling: round trips per second that one worker reached against a server of its own.
    """

    users: int = 0
    opened: int = 0
    refused: int = 0
    failed: int = 0
    intended: int = 0
    sent: int = 0
    dropped: int = 0
    ok: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Latencies] = field(default_factory=dict)
    connect: Latencies = field(default_factory=Latencies)
    lag: Latencies = field(default_factory=Latencies)
    ceiling: float = 0.0

    def step(self, name: str) -> Latencies:
        """Return the latencies of a step, made when they are new."""
        return self.steps.setdefault(name, Latencies())

    def imbalances(self) -> list[str]:
        """Return each identity that does not hold, with its numbers."""
        failed = self.errors.total()
        identities = [
            ("intended = sent + dropped", self.intended, self.sent + self.dropped),
            ("sent = ok + failed", self.sent, self.ok + failed),
            (
                "users = opened + refused + failed",
                self.users,
                self.opened + self.refused + self.failed,
            ),
        ]
        return [
            f"{identity}: {left} is not {right}"
            for identity, left, right in identities
            if left != right
        ]

    @property
    def success_rate(self) -> float | None:
        """Percent of the intended operations that succeeded; dropped ones did not."""
        return None if not self.intended else 100.0 * self.ok / self.intended

    def merge(self, other: "Figures") -> None:
        """Add another worker's figures."""
        for name in ("users", "opened", "refused", "failed", "intended", "sent", "dropped", "ok"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.update(other.errors)
        self.connect.merge(other.connect)
        self.lag.merge(other.lag)
        self.ceiling += other.ceiling
        for name, latencies in other.steps.items():
            self.step(name).merge(latencies)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values, histograms whole."""
        return {
            "users": self.users,
            "opened": self.opened,
            "refused": self.refused,
            "failed": self.failed,
            "intended": self.intended,
            "sent": self.sent,
            "dropped": self.dropped,
            "ok": self.ok,
            "errors": dict(self.errors),
            "ceiling": self.ceiling,
            "histograms": {
                "connect": self.connect.encode(),
                "lag": self.lag.encode(),
                "steps": {name: one.encode() for name, one in sorted(self.steps.items())},
            },
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return what ``to_json`` wrote.

        Raises:
            ValueError, KeyError: ``data`` is something else.
        """
        histograms = data["histograms"]
        counts = ("users", "opened", "refused", "failed", "intended", "sent", "dropped", "ok")
        return cls(
            **{name: int(data[name]) for name in counts},
            errors=Counter({str(code): int(count) for code, count in data["errors"].items()}),
            steps={name: Latencies.decode(text) for name, text in histograms["steps"].items()},
            connect=Latencies.decode(histograms["connect"]),
            lag=Latencies.decode(histograms["lag"]),
            ceiling=float(data["ceiling"]),
        )
