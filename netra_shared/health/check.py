"""One readiness check as a value: what is asked, how long it may take, what its failure means."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from netra_shared.errors import ConfigurationError

# True, None or a note for the reader: the dependency works. False or an exception: it does not.
Validator = Callable[[], Awaitable[bool | str | None]]


class FailureScope(StrEnum):
    """Whom a failure of the check hits."""

    INSTANCE = "instance"  # this process alone; another instance serves better
    SHARED = "shared"  # every instance alike; leaving the fleet helps nobody


@dataclass(frozen=True, slots=True)
class ServiceReadinessCheck:
    """A bounded question to one dependency.

    Args:
        name: snake_case; key of the readiness report and label of the metrics.
        validator: asks the dependency once; see ``Validator``. It must not block the event loop.
        timeout_seconds: deadline of one attempt, whatever the validator does.
        retry_count: how many attempts there are in all; 1 means no retry.
        retry_delay: seconds between two attempts.
        is_critical: whether a failure can make the instance unready; else it is a warning.
        description: what the dependency is for, for the person who reads the report.
        scope: whom a failure hits; see ``health_snapshot.verdict``.
        component_type: the health+json draft's word for what is asked.

    Raises:
        ConfigurationError: a bound is missing, infinite or out of range.
    """

    name: str
    validator: Validator
    timeout_seconds: float
    retry_count: int
    retry_delay: float
    is_critical: bool
    description: str
    scope: FailureScope = FailureScope.SHARED
    component_type: Literal["component", "datastore", "system"] = "component"

    def __post_init__(self) -> None:
        """Refuse a check that is not bounded."""
        problems = []
        if not self.name.isidentifier():
            problems.append(f"check name {self.name!r} is not an identifier")
        if not (math.isfinite(self.timeout_seconds) and self.timeout_seconds > 0):
            problems.append(f"{self.name}: timeout_seconds must be above 0 and finite")
        if self.retry_count < 1:
            problems.append(f"{self.name}: retry_count counts attempts and must be at least 1")
        if not (math.isfinite(self.retry_delay) and self.retry_delay >= 0):
            problems.append(f"{self.name}: retry_delay must be 0 or more and finite")
        if problems:
            raise ConfigurationError(problems)

    @property
    def worst_case_seconds(self) -> float:
        """Longest time until the check has an answer: every attempt runs into its deadline."""
        return self.retry_count * self.timeout_seconds + (self.retry_count - 1) * self.retry_delay


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one run of a check ended.

    Args:
        passed: an attempt succeeded.
        elapsed_seconds: from the first attempt's start to the answer, pauses included.
        attempts: how many attempts were made.
        output: why it failed, or the validator's note; safe to show to an operator.
        finished_at: on the monitor's clock (monotonic seconds).
        time: the same moment, UTC.
    """

    passed: bool
    elapsed_seconds: float
    attempts: int
    output: str
    finished_at: float
    time: datetime
