"""Bounds of runs, in seconds unless the name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """Bounds of one run, and of all runs of one instance.

    Raises:
        ValueError: the heartbeat leaves no room for one failed renewal within a lease.
    """

    max_concurrent: int = 200
    # Of the runs of an instance: one account that takes all it gets leaves as many to the others.
    account_share: float = 0.5
    run_seconds: float = 600.0
    # Three missed heartbeats and a margin: a run survives a PostgreSQL failover of some seconds,
    # and is recovered at most this long after its process was killed.
    lease_seconds: float = 10.0
    # Also the delay of a cancel request from another instance; its target is below 1 s.
    heartbeat_seconds: float = 0.5
    sweep_seconds: float = 1.0  # longest wait of a transferred run for its next instance
    # A run that was lost with this many processes may be the cause: it is ended.
    max_losses: int = 3
    # A run that was lost repeatedly is executed apart from other such runs for this long.
    suspect_seconds: float = 30.0
    # How long after their lease an older version does not claim runs of a newer one.
    foreign_format_seconds: float = 60.0
    # Drain: the share of runs in the 8 s of a shutdown.
    drain_seconds: float = 4.0
    interrupt_seconds: float = 1.5
    published_seconds: float = 3.0  # for reading the events that a lost process published
    # How long ``onBusy: interrupt`` waits for the end of the old run before ``run_busy``.
    takeover_seconds: float = 5.0
    takeover_poll_seconds: float = 0.05
    terminal_publish_seconds: float = 3.0
    store_seconds: float = 8.0  # for storing the answer, with retries; below the lease
    tool_seconds: float = 5.0
    model_request_seconds: float = 120.0
    model_requests: int = 20
    tool_calls: int = 40
    message_bytes: int = 32_768  # of UTF-8; the same limit as that of the sockets
    history_messages: int = 60
    history_characters: int = 60_000

    @property
    def max_of_account(self) -> int:
        """How many runs of one account an instance executes."""
        return max(1, round(self.max_concurrent * self.account_share))

    @property
    def fence_seconds(self) -> float:
        """How long after a renewal an instance may publish for its runs.

        Shorter than the lease, which the database's clock measures: the difference covers the
        latency of the renewal and the drift between the two clocks.
        """
        return self.lease_seconds - self.heartbeat_seconds

    def __post_init__(self) -> None:
        if self.heartbeat_seconds * 3 > self.lease_seconds:
            raise ValueError("lease_seconds must cover three heartbeats")
