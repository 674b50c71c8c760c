"""Bounds of the release room."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class ReleaseSettings(BaseModel):
    """One group of settings; environment variables ``RELEASES__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poll_seconds: Seconds = Field(
        default=0.5, description="How often an instance looks which release sockets belong to."
    )
    store_seconds: Seconds = Field(
        default=1.0, description="Deadline for the stream store's answer to that."
    )
    epoch_ttl_seconds: int = Field(
        default=7_200,
        ge=60,
        description="How long a decision is kept: longer than a socket may live.",
    )
    finish_seconds: Seconds = Field(
        default=300.0,
        description="With the policy `finish`, a socket leaves after this even if a run streams.",
    )
