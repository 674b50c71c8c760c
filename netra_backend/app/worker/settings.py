"""Bounds of the agent process and of the channel to it."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class AgentProcessSettings(BaseModel):
    """One group of settings; environment variables ``AGENTS__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_seconds: Seconds = Field(
        default=60.0,
        description="Deadline of the agent process's start; a process that takes longer is killed "
        "and restarted.",
    )
    wait_seconds: Seconds = Field(
        default=8.0,
        description="How long a command waits for a starting agent process, before it is "
        "refused with `agent_process_starting`.",
    )
    command_seconds: Seconds = Field(
        default=10.0, description="Deadline of the agent process's answer to a command."
    )
    publish_seconds: Seconds = Field(
        default=10.0, description="Deadline for publishing one event of a run through the gateway."
    )
    read_seconds: Seconds = Field(
        default=5.0, description="Deadline for reads of the agent process from the gateway."
    )
    metrics_seconds: Seconds = Field(
        default=1.0, description="Deadline for the agent process's part of `/metrics`."
    )
    poll_seconds: Seconds = Field(
        default=1.0,
        description="Interval between the gateway's status requests to the agent process.",
    )
    silent_seconds: Seconds = Field(
        default=5.0,
        description="Time without an answer after which the check `agent_runtime` fails.",
    )
    hang_seconds: Seconds = Field(
        default=30.0,
        description="Time without an answer after which the agent process is killed and "
        "restarted; the agent process exits after the same time without a status request.",
    )
    restart_seconds: Seconds = Field(
        default=0.1, description="Pause before the first restart; doubled after each further end."
    )
    restart_max_seconds: Seconds = Field(
        default=10.0, description="Longest pause between two starts of the agent process."
    )
    settled_seconds: Seconds = Field(
        default=60.0,
        description="A process that served for this long is restarted after the shortest pause.",
    )
    stop_seconds: Seconds = Field(
        default=7.2, description="Deadline for draining the runs of the instance."
    )
    end_seconds: Seconds = Field(
        default=0.7, description="Deadline of the agent process's exit after its runs have ended."
    )
    in_flight: int = Field(
        default=256,
        ge=1,
        le=10_000,
        description="Concurrent calls in each direction between the two processes; further calls "
        "wait.",
    )
    max_frame_bytes: int = Field(
        default=8_388_608,
        ge=1_048_576,
        description="Largest message between the two processes.",
    )
