"""One readiness check as a value: its question, its bounds, and the meaning of a failure."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from netra_shared.errors import ConfigurationError

# True, None or a note means that the dependency works; False or an exception that it does not.
Validator = Callable[[], Awaitable[bool | str | None]]


class FailureScope(StrEnum):
    """Which instances a failure of the check affects."""

    INSTANCE = "instance"  # this process alone; another instance can serve
    SHARED = "shared"  # every instance; leaving the fleet does not help


@dataclass(frozen=True, slots=True)
class ServiceReadinessCheck:
    """A bounded question to one dependency.

    Args:
        name: snake_case; key of the readiness report and label of the metrics.
        validator: asks the dependency once and must not block the event loop; see ``Validator``.
        timeout_seconds: deadline of one attempt, also if the validator ignores cancellation.
        retry_count: total number of attempts; 1 means no retry.
        retry_delay: seconds between two attempts.
        is_critical: whether a failure can make the instance unready; otherwise it is a warning.
        description: purpose of the dependency, shown in the report.
        scope: which instances a failure affects; see ``netra_shared.health.snapshot``.
        component_type: type of the component in the health+json draft.

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
        """Refuse a check without bounds."""
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
        """Longest time until the check has an answer: every attempt reaches its deadline."""
        return self.retry_count * self.timeout_seconds + (self.retry_count - 1) * self.retry_delay


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one run of a check.

    Args:
        passed: an attempt succeeded.
        elapsed_seconds: from the first attempt's start to the answer, pauses included.
        attempts: number of attempts made.
        output: the reason of the failure, or the validator's note; safe to show to an operator.
        finished_at: on the monitor's clock (monotonic seconds).
        time: the same time in UTC.
    """

    passed: bool
    elapsed_seconds: float
    attempts: int
    output: str
    finished_at: float
    time: datetime
