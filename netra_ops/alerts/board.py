"""All series and all alerts together; evaluated in one step. Pure, and stored as JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from netra_ops.alerts.lifecycle import Change, Life, Phase, advance
from netra_ops.alerts.rules import Judged, Rule, judge_ratio, judge_value
from netra_ops.alerts.series import RatioSeries, ValueSeries
from netra_ops.alerts.thresholds import Thresholds

HEARTBEAT = Rule(
    "heartbeat", "heartbeat", "warning", 0.0,
    "The health monitor works; alert on the absence of this one", "docs/monitoring.md",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """What a sink sends.

    Args:
        rule: which.
        started_at: Unix seconds.
        evidence: the numbers.
        is_no_data: it fires because data is missing.
        resolved_at: Unix seconds; None while it fires.
    """

    rule: Rule
    started_at: float
    evidence: str
    is_no_data: bool = False
    resolved_at: float | None = None

    @property
    def is_firing(self) -> bool:
        """Whether it is not resolved."""
        return self.resolved_at is None


@dataclass(slots=True)
class Board:
    """The memory of a health monitor.

    Args:
        thresholds: of the file.
        measured: signals that this monitor can measure; the others are no missing data.
    """

    thresholds: Thresholds
    measured: set[str] = field(default_factory=set)
    ratios: dict[str, RatioSeries] = field(default_factory=dict)
    values: dict[str, ValueSeries] = field(default_factory=dict)
    lives: dict[str, Life] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)

    def count(self, signal: str, now: float, *, good: int = 0, bad: int = 0) -> None:
        """Count events of a ratio."""
        self.measured.add(signal)
        self.ratios.setdefault(signal, RatioSeries()).add(now, good=good, bad=bad)

    def measure(self, signal: str, now: float, value: float) -> None:
        """Note a value."""
        self.measured.add(signal)
        self.values.setdefault(signal, ValueSeries()).set(now, value)

    def evaluate(self, now: float) -> list[Alert]:
        """Advance every alert and return those that fired or were resolved by this."""
        changes = []
        for judged in self._judge(now):
            name = judged.rule.name
            self.rules[name], self.evidence[name] = judged.rule, judged.evidence
            before = self.lives.get(name, Life())
            life, change = advance(
                before, judged.condition, judged.rule, now, self.thresholds.alerting
            )
            self.lives[name] = life
            if change is Change.FIRED:
                changes.append(self._alert(name))
            elif change is Change.RESOLVED:
                changes.append(self._alert(name, before, resolved_at=now))
        return changes

    def firing(self, now: float) -> list[Alert]:
        """Return every alert that fires now, the heartbeat included."""
        found = [
            self._alert(name) for name, life in self.lives.items() if life.phase is Phase.FIRING
        ]
        return [Alert(HEARTBEAT, now, "evaluated"), *found]

    def _judge(self, now: float) -> Iterable[Judged]:
        for signal in self.thresholds.ratios.keys() & self.measured:
            series = self.ratios.setdefault(signal, RatioSeries())
            yield from judge_ratio(self.thresholds, signal, series, now)
        for signal in self.thresholds.values.keys() & self.measured:
            is_firing = self.lives.get(signal, Life()).phase is Phase.FIRING
            series_of_value = self.values.setdefault(signal, ValueSeries())
            yield judge_value(self.thresholds, signal, series_of_value, now, is_firing=is_firing)

    def _alert(
        self, name: str, life: Life | None = None, *, resolved_at: float | None = None
    ) -> Alert:
        known = life or self.lives[name]
        evidence = "no data" if known.is_no_data else self.evidence.get(name, "")
        return Alert(self.rules[name], known.since, evidence, known.is_no_data, resolved_at)

    def to_json(self) -> dict[str, Any]:
        """Return the memory; thresholds are read again at the next start."""
        return {
            "measured": sorted(self.measured),
            "ratios": {name: one.to_json() for name, one in self.ratios.items()},
            "values": {name: [one.value, one.at] for name, one in self.values.items()},
            "lives": {name: asdict(life) for name, life in self.lives.items()},
            "rules": {name: asdict(rule) for name, rule in self.rules.items()},
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_json(cls, thresholds: Thresholds, data: dict[str, Any]) -> "Board":
        """Return what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: ``data`` is something else.
        """
        lives = {
            name: Life(**{**life, "phase": Phase(life["phase"]), "fired": tuple(life["fired"])})
            for name, life in data["lives"].items()
        }
        return cls(
            thresholds,
            set(data["measured"]),
            {name: RatioSeries.from_json(rows) for name, rows in data["ratios"].items()},
            {name: ValueSeries(*pair) for name, pair in data["values"].items()},
            lives,
            dict(data["evidence"]),
            {name: Rule(**rule) for name, rule in data["rules"].items()},
        )
