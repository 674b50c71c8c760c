"""Bounds of the operations view."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class OperationsSettings(BaseModel):
    """One group of settings; environment variables ``OPERATIONS__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period_seconds: Seconds = Field(
        default=2.0, description="How often an instance describes itself and operators hear of it."
    )
    lease_seconds: int = Field(
        default=10,
        ge=2,
        description="How long an instance that says nothing more is still shown.",
    )
    store_seconds: Seconds = Field(
        default=1.0,
        description="Deadline for Valkey's answer; beyond it operators see this instance alone.",
    )
    window_seconds: Seconds = Field(default=60.0, description="What percentiles look back on.")
    history: int = Field(
        default=200, ge=1, le=2000, description="Readiness changes that an instance remembers."
    )
    max_instances: int = Field(
        default=100, ge=1, le=1000, description="Instances that are shown at once."
    )
    max_watchers: int = Field(
        default=50, ge=1, le=1000, description="Operators' sockets that one instance feeds."
    )
