"""Bounds of the agent process and of the channel to it."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class AgentProcessSettings(BaseModel):
    """One group of settings; environment variables ``AGENTS__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_seconds: Seconds = Field(
        default=60.0,
        description="Deadline of the agent process's start; one that takes longer is ended and "
        "started again.",
    )
    wait_seconds: Seconds = Field(
        default=8.0,
        description="How long a command waits for an agent process that starts, before it is "
        "refused with `agents_starting`.",
    )
    command_seconds: Seconds = Field(
        default=10.0, description="Deadline of the agent process's answer to a command."
    )
    publish_seconds: Seconds = Field(
        default=10.0, description="Deadline for giving the gateway one event of a run."
    )
    read_seconds: Seconds = Field(
        default=5.0, description="Deadline for what agents read from the gateway."
    )
    metrics_seconds: Seconds = Field(
        default=1.0, description="Deadline for the agent process's part of `/metrics`."
    )
    poll_seconds: Seconds = Field(
        default=1.0, description="How often the gateway asks the agent process how it is."
    )
    silent_seconds: Seconds = Field(
        default=5.0,
        description="Silence of the agent process after which the check `agent_runtime` fails.",
    )
    hang_seconds: Seconds = Field(
        default=30.0,
        description="Silence after which the agent process is ended and started again; also that "
        "of the gateway after which the agent process ends itself.",
    )
    restart_seconds: Seconds = Field(
        default=0.1, description="Pause before the first restart; doubled with each further one."
    )
    restart_max_seconds: Seconds = Field(
        default=10.0, description="Longest pause between two starts of the agent process."
    )
    settled_seconds: Seconds = Field(
        default=60.0, description="Who served for so long is restarted after the shortest pause."
    )
    stop_seconds: Seconds = Field(
        default=7.2, description="Deadline of ending the runs when the instance drains."
    )
    end_seconds: Seconds = Field(
        default=0.7, description="Deadline of the agent process's end once its runs have ended."
    )
    in_flight: int = Field(
        default=256,
        ge=1,
        le=10_000,
        description="Calls that may be under way at once in each direction between the two "
        "processes; further ones wait.",
    )
    max_frame_bytes: int = Field(
        default=8_388_608,
        ge=1_048_576,
        description="Largest message between the two processes.",
    )
