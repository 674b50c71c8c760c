"""Every bound of the socket gateway: named, with its default and the reason for it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netra_shared.settings import Seconds

Count = Annotated[int, Field(ge=1)]


class SocketLimits(BaseModel):
    """One group of settings; environment variables ``SOCKETS__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # One frame, one command.
    max_frame_bytes: Count = Field(
        default=65_536, description="Largest frame from a client; a larger one closes 1009."
    )
    max_message_bytes: Count = Field(
        default=32_768, description="Largest `message.content` of `run.start`, in UTF-8 bytes."
    )
    commands_per_second: float = Field(
        default=20.0, gt=0, description="Sustained commands per second of one connection."
    )
    command_burst: Count = Field(
        default=40, description="Commands that may come at once above the sustained rate."
    )
    max_refused_commands: Count = Field(
        default=200,
        description="Rate-limited commands in a row after which the socket closes 4429.",
    )
    command_seconds: Seconds = Field(
        default=10.0, description="Deadline of one command; PostgreSQL's statement deadline fits."
    )
    max_subscriptions: Count = Field(
        default=100, description="Threads that one connection may subscribe to."
    )

    # Connections.
    max_connections: Count = Field(
        default=900,
        description="Sockets of one instance; below its Cloud Run concurrency, so that REST calls "
        "and probes still get through.",
    )
    max_connections_per_user: Count = Field(
        default=20, description="Sockets of one user on one instance (tabs, devices, leftovers)."
    )
    recently_closed: Count = Field(
        default=500, description="Closed connections that the operations view still knows."
    )
    protocol_class: Literal["netra", "uvicorn"] = Field(
        default="netra",
        description="Who speaks RFC 6455: `netra`, our own protocol class, or `uvicorn`, its "
        "`websockets-sansio` class, at three times the CPU of a frame.",
    )
    handshake_seconds: Seconds = Field(
        default=10.0,
        description="Deadline for the head of a request, from the connection or its first byte.",
    )
    body_seconds: Seconds = Field(
        default=5.0, description="Deadline for the body of a REST request, else 408."
    )
    max_body_bytes: Count = Field(
        default=16_384,
        description="Largest body of a REST request, else 413; an honest one has a few hundred.",
    )
    accept_seconds: Seconds = Field(
        default=5.0, description="Deadline for verifying a handshake's credential."
    )
    initialize_seconds: Seconds = Field(
        default=10.0, description="Deadline for `initialize` after the upgrade, else close 4408."
    )
    admission_per_second: float = Field(
        default=100.0,
        gt=0,
        description="Handshakes admitted per second; the rest is refused with a hint.",
    )
    admission_burst: Count = Field(
        default=100, description="Handshakes admitted at once after a quiet time."
    )
    admission_wait_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        default=0.5, description="A handshake that would be held longer than this is refused."
    )
    admission_hint_seconds: Seconds = Field(
        default=60.0, description="Longest hint given to a refused handshake, jitter not counted."
    )
    idle_seconds: Seconds = Field(
        default=900.0, description="Silence in both directions after which a socket closes 4412."
    )
    max_age_seconds: Seconds = Field(
        default=3300.0,
        description="Maximum socket age, else close 4414: 5 min below Cloud Run's 60 min cut.",
    )
    max_age_jitter: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Share of the maximum age that is drawn at random, "
        "so that sockets opened together do not come back together.",
    )
    expiry_warning_seconds: Seconds = Field(
        default=60.0,
        description="`connection.expiring` precedes a close by this much; for a token by half of "
        "what is left of it, if that is less.",
    )
    ping_interval_seconds: Seconds = Field(
        default=20.0, description="Interval of WebSocket pings from the server."
    )
    ping_timeout_seconds: Seconds = Field(default=20.0, description="Deadline for the pong.")

    # Outbound.
    outbound_frames: Count = Field(
        default=1024, description="Frames queued for one connection; more closes it 4413."
    )
    outbound_bytes: Count = Field(
        default=4_194_304, description="Bytes queued for one connection; more closes it 4413."
    )
    outbound_total_bytes: Count = Field(
        default=134_217_728,
        description="Bytes queued on all connections of the instance; beyond it those with "
        "more than their fair share are closed 4413.",
    )
    kernel_bytes: Count = Field(
        default=131_072,
        description="Send buffer of one connection in the kernel, which doubles it; without a "
        "bound a client that does not read takes 4 MiB there.",
    )
    close_seconds: Seconds = Field(
        default=3.0, description="Deadline for flushing what is queued and sending a close frame."
    )

    # Streams.
    stream_max_events: Count = Field(
        default=10_000, description="Events kept per thread for resuming; older ones are trimmed."
    )
    stream_ttl_seconds: Annotated[int, Field(ge=1)] = Field(
        default=86_400, description="A thread's stream is dropped this long after its last event."
    )
    producer_ttl_seconds: Annotated[int, Field(ge=1)] = Field(
        default=7_200, description="How long a producer's last number is kept to refuse duplicates."
    )
    max_event_bytes: Count = Field(
        default=262_144, description="Largest event; larger ones are refused to their producer."
    )
    replay_batch: Count = Field(
        default=256, description="Events read from the store at a time when catching up."
    )
    subscribe_seconds: Seconds = Field(
        default=2.0, description="Deadline for the store to confirm a live subscription."
    )
    heartbeat_seconds: Seconds = Field(
        default=1.0,
        description="Interval at which an instance publishes to itself to notice that it is deaf; "
        "it reconnects after about four.",
    )
    audit_seconds: Seconds = Field(
        default=5.0, description="Interval at which local positions are compared with the store's."
    )
    store_probe_seconds: Seconds = Field(
        default=0.5, description="Interval of attempts to reach a store that went away."
    )
    resend_events: Count = Field(
        default=512, description="Latest events of a run kept to repair a store that lost its tail."
    )
    run_overlap_seconds: Seconds = Field(
        default=2.0,
        description="How long a run's first event waits in a stream for the end of the run before.",
    )
    producer_linger_seconds: Seconds = Field(
        default=10.0, description="How long an ended run's latest events are kept for that repair."
    )
    outage_events: Count = Field(
        default=10_000, description="Events of one thread buffered while the store is away."
    )
    outage_bytes: Count = Field(
        default=67_108_864, description="Bytes buffered by one instance while the store is away."
    )

    # Presence and shutdown.
    lease_seconds: Seconds = Field(
        default=6.0,
        description="An instance's lease; who was on a killed one is gone from presence after it.",
    )
    drain_notice_seconds: Seconds = Field(
        default=2.0, description="Between `connection.draining` and the first close 1012."
    )
    drain_spread_seconds: Seconds = Field(
        default=2.0, description="Closes 1012, and the announced reconnects, are spread over this."
    )
    drain_seconds: Seconds = Field(
        default=6.5, description="Bound of the whole drain; with the rest it stays below 8 s."
    )

    @model_validator(mode="after")
    def _bounds_fit_together(self) -> Self:
        if self.max_message_bytes > self.max_frame_bytes:
            raise ValueError("max_message_bytes exceeds max_frame_bytes, so it could never apply")
        if self.admission_wait_seconds >= self.accept_seconds:
            raise ValueError("admission_wait_seconds leaves no time within accept_seconds")
        if self.drain_notice_seconds + self.drain_spread_seconds >= self.drain_seconds:
            raise ValueError(
                "drain_notice_seconds + drain_spread_seconds leave no time within drain_seconds"
            )
        if self.expiry_warning_seconds >= self.max_age_seconds * (1 - self.max_age_jitter):
            raise ValueError("expiry_warning_seconds must be below the shortest maximum age")
        return self
