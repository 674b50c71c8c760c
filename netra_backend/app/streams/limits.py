"""The limits of event streams, with default and reason."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds

Count = Annotated[int, Field(ge=1)]


class StreamLimits(BaseModel):
    """Sizes, lifetimes and deadlines of streams, of their store and of its outages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream_max_events: Count = Field(
        default=10_000, description="Events kept per thread for resuming; older ones are trimmed."
    )
    stream_max_bytes: Count = Field(
        default=2_097_152,
        description="Memory of one thread's events in the store; older events are trimmed.",
    )
    stream_ended_bytes: Count = Field(
        default=131_072,
        description="Memory of one thread's events after its run has ended; the history has all.",
    )
    account_stream_bytes: Count = Field(
        default=16_777_216,
        description="Memory of the events of one account's threads in the store; the oldest ended "
        "streams lose their events first.",
    )
    stream_store_percent: Annotated[int, Field(ge=1, le=85)] = Field(
        default=60,
        description="Part of the store's `maxmemory` for all streams; above it the largest "
        "accounts shrink to one level. The rest is for tickets, presence and limits.",
    )
    account_entry_seconds: Seconds = Field(
        default=0.25, description="Interval at which the sizes of streams are entered by account."
    )
    stream_open_seconds: Count = Field(
        default=3_600, description="Life of a thread's events after the last one of an open run."
    )
    stream_ended_seconds: Count = Field(
        default=300, description="Life of a thread's events after its run has ended."
    )
    stream_ttl_seconds: Annotated[int, Field(ge=1)] = Field(
        default=86_400,
        description="Life of a thread's epoch and offset after its last event, without the events.",
    )
    producer_ttl_seconds: Annotated[int, Field(ge=1)] = Field(
        default=7_200,
        description="Time that a producer's last number is kept to detect duplicates.",
    )
    max_event_bytes: Count = Field(
        default=262_144, description="Largest event; a larger one is refused."
    )
    replay_batch: Count = Field(
        default=256, description="Events per read from the store during a catch-up."
    )
    subscribe_seconds: Seconds = Field(
        default=2.0, description="Deadline for the store to confirm a live subscription."
    )
    heartbeat_seconds: Seconds = Field(
        default=1.0,
        description="Interval of the heartbeat that detects an unresponsive live connection; "
        "it is replaced after about four.",
    )
    audit_seconds: Seconds = Field(
        default=5.0, description="Interval at which positions are compared with the store."
    )
    store_probe_seconds: Seconds = Field(
        default=0.5, description="Interval of attempts to reach an unavailable store."
    )
    resend_events: Count = Field(
        default=512, description="Latest events of a run, kept to repair a store that lost them."
    )
    run_overlap_seconds: Seconds = Field(
        default=2.0,
        description="Time that a run's first event waits for the end of the previous run.",
    )
    producer_linger_seconds: Seconds = Field(
        default=10.0,
        description="Time that the latest events of an ended run are kept for repairs.",
    )
    outage_events: Count = Field(
        default=10_000, description="Events of one thread buffered while the store is unavailable."
    )
    outage_bytes: Count = Field(
        default=67_108_864,
        description="Bytes buffered by one instance while the store is unavailable.",
    )
