"""Cloud Run's probe settings, from the file that Terraform and the local Cloud Run also read.

``cloud_run_probes.json`` uses the field names of Cloud Run's Admin API v2 (and of Terraform's
``google_cloud_run_v2_service``). Times are whole seconds, as the API requires.
"""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROBES_FILE = Path(__file__).with_name("cloud_run_probes.json")


class HttpGet(BaseModel):
    """The HTTP request of a probe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(pattern=r"^/[a-z/]+$")


class Probe(BaseModel):
    """One probe, within the limits of Cloud Run's API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    initial_delay_seconds: int = Field(ge=0, le=240)
    period_seconds: int = Field(ge=1, le=240)
    timeout_seconds: int = Field(ge=1)
    failure_threshold: int = Field(ge=1)
    http_get: HttpGet

    @model_validator(mode="after")
    def _fits_its_period(self) -> "Probe":
        if self.timeout_seconds >= self.period_seconds:
            raise ValueError("timeout_seconds must be smaller than period_seconds")
        return self

    @property
    def seconds_to_act(self) -> int:
        """Longest time from the first failed probe's start to Cloud Run's reaction."""
        return self.period_seconds * (self.failure_threshold - 1) + self.timeout_seconds


class CloudRunProbes(BaseModel):
    """The three probes of every Netra service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    startup_probe: Probe
    liveness_probe: Probe
    readiness_probe: Probe


@cache
def cloud_run_probes() -> CloudRunProbes:
    """Return the settings in ``cloud_run_probes.json``."""
    return CloudRunProbes.model_validate_json(PROBES_FILE.read_bytes())
