"""What a load test does, as a value that crosses to its worker processes. Pure."""

from dataclasses import dataclass

import msgspec

from netra_client.models import TokenPair

GRACE_SECONDS = 30.0  # for operations in flight at the end; what is left then counts as failed


class WorkerPlan(msgspec.Struct, frozen=True):
    """What one worker process does; written to its standard input, since it holds tokens.

    Args:
        address: of the platform.
        scenario: a built-in name, or ``module:Class``.
        users: numbers of this worker's users, among all of the test.
        total_users: of the test.
        duration: seconds of load after the ramp.
        ramp: seconds over which users start.
        interval: seconds between the operations of one user; the scenario's own when None.
        accounts: for this worker's users; a refresh token has one owner, so no two workers share
            an account.
        sockets_per_account: how many users share an account.
        started_at: Unix seconds at which every worker starts.
    """

    address: str
    scenario: str
    users: tuple[int, ...]
    total_users: int
    duration: float
    ramp: float
    interval: float | None
    accounts: tuple[TokenPair, ...]
    sockets_per_account: int
    started_at: float


@dataclass(frozen=True, slots=True)
class UserSchedule:
    """When one user starts, and when its operations are intended; seconds from the start."""

    arrives: float
    operations: tuple[float, ...]


def schedule(
    number: int, total: int, *, duration: float, ramp: float, interval: float, together: bool
) -> UserSchedule:
    """Return the times of user ``number`` of ``total``.

    The times depend on nothing that the server does: an operation that is late because the one
    before it was slow is measured from here (an open loop).

    Args:
        number: from 0.
        total: users of the whole test.
        duration: seconds of load after the ramp.
        ramp: seconds over which users arrive.
        interval: seconds between two operations of one user.
        together: all users operate in the same moment; otherwise they are spread evenly.
    """
    arrives = ramp * number / total
    offset = 0.0 if together else interval * (number % total) / total
    count = max(0, int((duration - offset) / interval + 1 - 1e-9))
    return UserSchedule(arrives, tuple(ramp + offset + index * interval for index in range(count)))
