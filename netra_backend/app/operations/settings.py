"""Settings of the operations view."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class OperationsSettings(BaseModel):
    """One group of settings; environment variables ``OPERATIONS__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period_seconds: Seconds = Field(
        default=2.0, description="Interval at which an instance describes itself to operators."
    )
    lease_seconds: int = Field(
        default=10,
        ge=2,
        description="Time that an instance without updates is still shown.",
    )
    store_seconds: Seconds = Field(
        default=1.0,
        description="Deadline of Valkey's answer; after it operators see this instance alone.",
    )
    window_seconds: Seconds = Field(default=60.0, description="Time span of the percentiles.")
    history: int = Field(
        default=200, ge=1, le=2000, description="Readiness changes that an instance keeps."
    )
    max_instances: int = Field(
        default=100, ge=1, le=1000, description="Most instances that are shown."
    )
    report_seconds: int = Field(
        default=30 * 86_400,
        ge=60,
        description="Time that alerts and validations reported by tools are still shown.",
    )
    max_watchers: int = Field(
        default=50, ge=1, le=1000, description="Operators' connections that one instance notifies."
    )
