"""One row of the checklist, as a value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from netra_ops.validate.evidence import Evidence, Finding, Verdict
from netra_ops.validate.target import Target


class Suite(StrEnum):
    """What ``--suite`` selects."""

    QUICK = "quick"
    FULL = "full"
    PERFORMANCE = "performance"
    GOLDEN_PATH = "golden-path"


class Phase(IntEnum):
    """When a row runs: rows of one phase run in parallel where ``LIMITS`` allows."""

    ANYTIME = -1  # rows that read this checkout only: beside every other phase
    CALM = 0  # latencies are measured here, so nothing heavy runs beside them
    LOADED = 1  # rows that load the platform
    RECORDED = 2  # rows that read what the calm and the load left in logs and counters
    HEAVY = 3  # tests, Terraform and drills: they need this machine's cores
    DISTURBED = 4  # rows that disturb the platform
    LAST = 5  # rows that judge the whole run


# Two of the heavy rows at a time: the smallest machine that is supported has two cores.
LIMITS = {
    Phase.ANYTIME: 1,
    Phase.CALM: 6,
    Phase.LOADED: 1,
    Phase.RECORDED: 6,
    Phase.HEAVY: 2,
    Phase.DISTURBED: 1,
    Phase.LAST: 6,
}

Check = Callable[[Target], Awaitable[Finding]]
QUICK_AND_FULL = frozenset({Suite.QUICK, Suite.FULL})
FULL_ONLY = frozenset({Suite.FULL})


@dataclass(frozen=True, slots=True)
class Row:
    """What is checked and how.

    Args:
        id: stable, ``section.name``; ``--row`` takes it.
        title: what must hold.
        check: executes the row.
        suites: that contain it.
        phase: when it runs.
        seconds: its deadline.
        command: a command that shows more than the row itself; ``{environment}`` and ``{url}``
            are replaced. Empty: the row alone is repeated.
    """

    id: str
    title: str
    check: Check
    suites: frozenset[Suite] = QUICK_AND_FULL
    phase: Phase = Phase.CALM
    seconds: float = 45.0
    command: str = ""

    @property
    def section(self) -> str:
        """The part of the checklist."""
        return self.id.partition(".")[0]

    def repeat(self, target: Target) -> str:
        """Return the command that repeats the row."""
        environment = str(target.descriptor.name)
        text = self.command or f"netra validate --row {self.id} --environment {{environment}}"
        return text.replace("{environment}", environment).replace("{url}", target.address)


@dataclass(frozen=True, slots=True)
class RowResult:
    """How one row ended.

    Args:
        id: of the row.
        title: of the row.
        verdict: passed, failed, or not possible here.
        seconds: how long it took.
        command: repeats it.
        evidence: its assertions; at least one when it passed.
        reason: why it was not possible here.
    """

    id: str
    title: str
    verdict: Verdict
    seconds: float
    command: str
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""

    @property
    def section(self) -> str:
        """The part of the checklist."""
        return self.id.partition(".")[0]

    def summary(self) -> str:
        """Return one line: the reason, the first assertion that failed, or the first one."""
        if self.reason:
            return self.reason
        broken = [one for one in self.evidence if not one.holds]
        if broken:
            return f"{broken[0].demanded}: {broken[0].seen}"
        return self.evidence[0].seen if self.evidence else ""
