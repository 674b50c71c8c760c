"""When to try again: retry classes, full-jitter backoff and the reconnect decision, all pure.

The wait is drawn uniformly between zero and an exponentially growing ceiling ("full jitter"):
after a load balancer drops ten thousand sockets together, anything less random makes the clients
come back in waves. A hint of the server is a floor, never a suggestion.
"""

from dataclasses import dataclass

from netra_client.codes import RetryClass
from netra_client.errors import NetraClientError


@dataclass(frozen=True, slots=True)
class ReconnectPolicy:
    """Bounds of the reconnect loop; all in seconds.

    Args:
        prompt: ceiling of the first wait after a close of class ``now``.
        first: ceiling of the first wait after a failure of class ``backoff``.
        cap: ceiling of any wait that the server did not ask for.
        stable: a connection that lived this long makes the next failure the first again.
        give_up: the client stops after being disconnected for this long.
    """

    prompt: float = 0.25
    first: float = 0.5
    cap: float = 30.0
    stable: float = 10.0
    give_up: float = 600.0

    def __post_init__(self) -> None:
        for name in ("prompt", "first", "cap", "stable", "give_up"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0 seconds")


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Reconnect after ``delay`` seconds, with a refreshed token first if ``refresh``."""

    delay: float
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Trying again cannot help."""

    error: NetraClientError


def backoff_delay(failures: int, jitter: float, *, first: float, cap: float) -> float:
    """Return seconds to wait after ``failures`` (1 or more) failures in a row.

    Args:
        failures: how many attempts failed in a row, this one included.
        jitter: a random number in [0, 1).
        first: ceiling after the first failure, seconds.
        cap: highest ceiling, seconds.
    """
    ceiling = min(cap, first * 2.0 ** min(failures - 1, 32))  # 2**32 is beyond any cap
    return jitter * ceiling


def next_step(
    error: NetraClientError,
    *,
    failures: int,
    jitter: float,
    already_refreshed: bool,
    policy: ReconnectPolicy,
) -> TryAgain | GiveUp:
    """Decide what follows after a connection was refused or lost.

    Args:
        error: why; its ``retry`` class and ``retry_after`` hint decide.
        failures: failures in a row, this one included (1 or more).
        jitter: a random number in [0, 1).
        already_refreshed: the refused token was itself fetched because of a refusal; a second
            refresh would loop forever.
        policy: the bounds.
    """
    floor = error.retry_after or 0.0
    if error.retry is RetryClass.NEVER:
        return GiveUp(error)
    if error.retry is RetryClass.AFTER_REFRESH:
        return GiveUp(error) if already_refreshed else TryAgain(floor, refresh=True)
    if error.retry is RetryClass.NOW and failures == 1:
        return TryAgain(max(floor, jitter * policy.prompt))
    # A server that names a time spreads its clients itself; growing waits would miss its slots.
    grown = failures if error.retry_after is None else 1
    delay = backoff_delay(grown, jitter, first=policy.first, cap=policy.cap)
    return TryAgain(floor + delay)
