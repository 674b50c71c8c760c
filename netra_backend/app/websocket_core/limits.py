"""The limits of the WebSocket gateway by subject, with default and reason.

``SocketLimits`` joins the groups, so that each has its flat environment variable
``SOCKETS__<NAME>``. A component is typed with the group that it uses.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netra_backend.app.streams.limits import StreamLimits
from netra_shared.settings import Seconds

Count = Annotated[int, Field(ge=1)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConnectionLimits(_Group):
    """Frames, commands and the life of one connection."""

    max_frame_bytes: Count = Field(
        default=65_536, description="Largest frame of a client; a larger one closes 1009."
    )
    max_message_bytes: Count = Field(
        default=32_768, description="Largest `message.content` of `run.start`, in UTF-8 bytes."
    )
    commands_per_second: float = Field(
        default=20.0, gt=0, description="Sustained commands per second of one connection."
    )
    command_burst: Count = Field(
        default=40, description="Burst of commands above the sustained rate."
    )
    max_refused_commands: Count = Field(
        default=200,
        description="Burst of rate-limited commands, refilled at the rate of commands; more of "
        "them close 4429.",
    )
    inbound_frames_per_second: float = Field(
        default=100.0,
        gt=0,
        description="Sustained frames of all kinds per second from one connection, with pings.",
    )
    inbound_frame_burst: Count = Field(
        default=1000, description="Burst of frames above the sustained rate; more close 4429."
    )
    inbound_bytes_per_second: float = Field(
        default=2_097_152.0, gt=0, description="Sustained bytes per second from one connection."
    )
    inbound_byte_burst: Count = Field(
        default=8_388_608, description="Burst of bytes above the sustained rate; more close 4429."
    )
    command_seconds: Seconds = Field(
        default=10.0, description="Deadline of one command, above PostgreSQL's statement timeout."
    )
    max_subscriptions: Count = Field(
        default=100, description="Threads that one connection may subscribe to."
    )
    initialize_seconds: Seconds = Field(
        default=10.0, description="Deadline for `initialize` after the upgrade, else close 4408."
    )
    idle_seconds: Seconds = Field(
        default=900.0, description="Time without traffic in both directions, else close 4412."
    )
    max_age_seconds: Seconds = Field(
        default=3300.0,
        description="Maximum connection age, else close 4414: 5 min below Cloud Run's 60 min.",
    )
    max_age_jitter: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Random share of the maximum age, "
        "so that connections opened together do not reconnect together.",
    )
    expiry_warning_seconds: Seconds = Field(
        default=60.0,
        description="Time between `connection.expiring` and the close; for a token at most half of "
        "its remaining time.",
    )


class ServerLimits(_Group):
    """The HTTP and WebSocket protocol classes of the server."""

    protocol_class: Literal["netra", "uvicorn"] = Field(
        default="netra",
        description="RFC 6455 implementation: `netra`, the gateway's own class, or `uvicorn`, its "
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
        description="Largest body of a REST request, else 413; typical ones have 300 bytes.",
    )
    ping_interval_seconds: Seconds = Field(
        default=20.0, description="Interval of WebSocket pings from the server."
    )
    ping_timeout_seconds: Seconds = Field(default=20.0, description="Deadline for the pong.")
    kernel_bytes: Count = Field(
        default=131_072,
        description="Kernel send buffer of one connection, which the kernel doubles; without a "
        "limit a client that does not read takes 4 MiB.",
    )


class AdmissionLimits(_Group):
    """Number of connections and rate of handshakes."""

    max_connections: Count = Field(
        default=900,
        description="Connections of one instance; below its Cloud Run concurrency, so that REST "
        "calls and probes are still served.",
    )
    max_connections_per_user: Count = Field(
        default=20,
        description="Connections of one user on one instance (tabs, devices, lost connections).",
    )
    address_share_factor: float = Field(
        default=20.0,
        gt=0,
        description="A client address may have this many times the free connections of an "
        "instance, so that one address cannot take all of them.",
    )
    recently_closed: Count = Field(
        default=500, description="Closed connections that the operations view keeps."
    )
    accept_seconds: Seconds = Field(
        default=5.0, description="Deadline for verifying a handshake's credential."
    )
    admission_per_second: float = Field(
        default=160.0,
        gt=0,
        description="Handshakes admitted per second; others are refused with a hint.",
    )
    admission_burst: Count = Field(
        default=100, description="Burst of handshakes above the admitted rate."
    )
    admission_wait_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        default=4.0, description="Longest wait for admission; a longer one is refused."
    )
    admission_hint_seconds: Seconds = Field(
        default=60.0, description="Longest hint to a refused handshake, without jitter."
    )


class OutboundLimits(_Group):
    """Outbound queues and their flush."""

    outbound_frames: Count = Field(
        default=1024, description="Largest outbound queue of one connection in frames, else 4413."
    )
    outbound_bytes: Count = Field(
        default=4_194_304,
        description="Largest outbound queue of one connection in bytes, else 4413.",
    )
    outbound_total_bytes: Count = Field(
        default=134_217_728,
        description="Largest sum of all outbound queues in bytes; above it connections with "
        "more than their fair share close 4413.",
    )
    close_seconds: Seconds = Field(
        default=3.0, description="Deadline for flushing the queue, and for sending a close frame."
    )


class DrainLimits(_Group):
    """Presence and the drain of an instance."""

    lease_seconds: Seconds = Field(
        default=6.0,
        description="Lease of an instance; presence drops a killed instance after it.",
    )
    drain_notice_seconds: Seconds = Field(
        default=2.0, description="Time between `connection.draining` and the first close 1012."
    )
    drain_spread_seconds: Seconds = Field(
        default=2.0, description="Time over which closes 1012 and reconnects are spread."
    )
    drain_seconds: Seconds = Field(
        default=6.5, description="Deadline of the whole drain; with the shutdown below 8 s."
    )


class SocketLimits(
    ConnectionLimits, ServerLimits, AdmissionLimits, OutboundLimits, StreamLimits, DrainLimits
):
    """All limits; environment variables ``SOCKETS__<NAME>`` in the backend."""

    @model_validator(mode="after")
    def _bounds_fit_together(self) -> Self:
        if self.max_message_bytes > self.max_frame_bytes:
            raise ValueError("max_message_bytes exceeds max_frame_bytes; lower it")
        if self.drain_notice_seconds + self.drain_spread_seconds >= self.drain_seconds:
            raise ValueError(
                "drain_notice_seconds + drain_spread_seconds must be below drain_seconds"
            )
        if self.expiry_warning_seconds >= self.max_age_seconds * (1 - self.max_age_jitter):
            raise ValueError("expiry_warning_seconds must be below the shortest maximum age")
        return self
