"""Bounds of runs, all in one place. Seconds unless the name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """What one run, and all runs of one instance, may use.

    Raises:
        ValueError: the heartbeat leaves no room for one failed renewal within a lease.
    """

    max_concurrent: int = 200
    run_seconds: float = 600.0
    # Three missed heartbeats and a margin: a run outlives a PostgreSQL failover of some seconds,
    # and is ended by a survivor at most this long after its instance was killed.
    lease_seconds: float = 10.0
    # Also how long a stop from another instance may take to arrive; users are promised 1 s.
    heartbeat_seconds: float = 0.5
    sweep_seconds: float = 1.0  # how long a handed-over run waits for its next instance
    # A run that was lost with this many instances may be what kills them: it is ended.
    max_losses: int = 3
    # An older version leaves a newer one's runs alone for this long after their lease.
    foreign_format_seconds: float = 60.0
    # Drain: of the 8 s that a shutdown may take in all, runs get these two.
    drain_seconds: float = 4.0
    interrupt_seconds: float = 1.5
    published_seconds: float = 3.0  # to read back what a lost instance published
    # How long ``onBusy: interrupt`` waits for the old run to end before it says ``run_busy``.
    takeover_seconds: float = 5.0
    takeover_poll_seconds: float = 0.05
    terminal_publish_seconds: float = 3.0
    store_seconds: float = 8.0  # the answer's own retries; below the lease
    tool_seconds: float = 5.0
    model_request_seconds: float = 120.0
    model_requests: int = 20
    tool_calls: int = 40
    message_characters: int = 32_000
    history_messages: int = 60
    history_characters: int = 60_000

    @property
    def speaking_seconds(self) -> float:
        """How long after a renewal an instance may speak for its runs.

        Shorter than the lease, which runs by the database's clock: the difference covers the
        renewal's own way there, and different speeds of the two clocks.
        """
        return self.lease_seconds - self.heartbeat_seconds

    def __post_init__(self) -> None:
        if self.heartbeat_seconds * 3 > self.lease_seconds:
            raise ValueError("lease_seconds must cover three heartbeats")
