"""Intervals of the checks, and the age at which a result is stale. Pure."""

import random
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netra_shared.health.check import ServiceReadinessCheck
from netra_shared.health.state import Hysteresis

# A fault is detected within the check's worst case plus this time; see docs/readiness.md.
GRACE_SECONDS = 1.0

Pause = Annotated[float, Field(gt=0, le=60)]
Times = Annotated[int, Field(ge=1, le=100)]


class Refresh(BaseModel):
    """Intervals of the background refresh in seconds.

    Environment variables ``READINESS__<NAME>``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    interval_seconds: Pause = Field(
        default=0.6, description="Pause between two runs of a check while everything passes."
    )
    failing_interval_seconds: Pause = Field(
        default=0.35, description="The same while any check does not pass."
    )
    jitter: float = Field(
        default=0.2,
        ge=0,
        lt=1,
        description="Each pause is longer or shorter by up to this share, so that the instances "
        "of a fleet do not ask in step.",
    )
    stale_margin_seconds: Pause = Field(
        default=2.0,
        description="A result is stale when it is older than the check's worst case, the longest "
        "pause and this margin, which covers a busy event loop.",
    )
    stop_seconds: Pause = Field(default=1.0, description="Deadline for ending the refresh.")
    failures_to_fall: Times = Field(
        default=1,
        description="Failed runs in a row that turn a passing check into a failing one; a run has "
        "already retried.",
    )
    passes_to_recover: Times = Field(
        default=2, description="Passed runs in a row that turn a failing check into a passing one."
    )
    flap_window_seconds: Pause = Field(
        default=30.0, description="How long a fall is remembered; a second one is flapping."
    )
    hold_seconds: Pause = Field(
        default=1.5,
        description="Unbroken passing that a flapping check must show, doubled with each further "
        "fall within the window.",
    )
    max_hold_seconds: Pause = Field(default=5.0, description="Bound of that doubling.")

    @model_validator(mode="after")
    def _promises_can_be_kept(self) -> Self:
        if self.failing_interval_seconds > self.interval_seconds:
            raise ValueError("failing_interval_seconds must be at most interval_seconds")
        if self.longest_pause_seconds >= GRACE_SECONDS:
            raise ValueError(
                f"interval_seconds x (1 + jitter) = {self.longest_pause_seconds:g} s must be below "
                f"{GRACE_SECONDS:g} s, the time in which a fault may stay unseen"
            )
        if self.hold_seconds > self.max_hold_seconds:
            raise ValueError("hold_seconds must be at most max_hold_seconds")
        return self

    @property
    def hysteresis(self) -> Hysteresis:
        """The rule for changing the state of a check."""
        return Hysteresis(
            failures_to_fall=self.failures_to_fall,
            passes_to_recover=self.passes_to_recover,
            flap_window_seconds=self.flap_window_seconds,
            hold_seconds=self.hold_seconds,
            max_hold_seconds=self.max_hold_seconds,
        )

    @property
    def longest_pause_seconds(self) -> float:
        """The longest pause between two runs of one check."""
        return self.interval_seconds * (1 + self.jitter)

    def pause(self, *, failing: bool) -> float:
        """Return the next pause, jittered."""
        return self.jittered(self.failing_interval_seconds if failing else self.interval_seconds)

    def jittered(self, seconds: float) -> float:
        """Return ``seconds``, longer or shorter by up to the jitter."""
        return seconds * random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311  no secret

    def stale_after(self, check: ServiceReadinessCheck) -> float:
        """Return the age at which a result of ``check`` is stale."""
        return check.worst_case_seconds + self.longest_pause_seconds + self.stale_margin_seconds
