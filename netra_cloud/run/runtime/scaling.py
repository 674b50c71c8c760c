"""How many instances a revision gets: a pure function.

Source: docs.cloud.google.com/run/docs/about-instance-autoscaling: targets of 60 % CPU and 60 % of
the maximum concurrency over one minute, and more on demand while requests wait; idle instances are
kept up to 15 minutes.
"""

import math
from dataclasses import dataclass

TARGET_UTILIZATION = 0.6
IDLE_SECONDS = 15 * 60.0
QUEUE_FACTOR = 3.5  # times the average startup, the longest wait in the queue
QUEUE_SECONDS = 10.0  # at least
EVALUATION_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """Bounds of a revision.

    Attributes:
        least: instances kept warm.
        most: never more.
        concurrency: requests that an instance takes at the same time.
        manual: exactly this many, when set.
    """

    least: int = 0
    most: int = 100
    concurrency: int = 80
    manual: int | None = None


@dataclass(frozen=True)
class Load:
    """What a revision has to do.

    Attributes:
        active: average of requests in flight over the last minute.
        cpu: average CPU use of its instances over the last minute, 0 to 1.
        waiting: requests without an instance now.
        instances: instances that run or start.
        idle_expired: instances without a request for the idle time.
    """

    active: float = 0.0
    cpu: float = 0.0
    waiting: int = 0
    instances: int = 0
    idle_expired: int = 0


def wanted(load: Load, limits: Limits) -> int:
    """Return the number of instances to run."""
    if limits.manual is not None:
        return limits.manual
    by_concurrency = math.ceil(load.active / (limits.concurrency * TARGET_UTILIZATION))
    by_cpu = math.ceil(load.instances * load.cpu / TARGET_UTILIZATION) if load.cpu > 0 else 0
    by_demand = load.instances + math.ceil(load.waiting / limits.concurrency)
    needed = max(by_concurrency, by_cpu)
    if load.waiting:
        needed = max(needed, by_demand)
    kept = max(needed, load.instances - load.idle_expired)
    return min(max(kept, limits.least), limits.most)


def queue_seconds(average_startup: float) -> float:
    """Return how long a request may wait for an instance, in documented seconds."""
    return max(QUEUE_FACTOR * average_startup, QUEUE_SECONDS)


def shares(total: int, percents: dict[str, int]) -> dict[str, int]:
    """Divide a service-level number of instances by traffic, rounded up for each revision.

    Source: doc: configuring/min-instances, service level.
    """
    return {revision: math.ceil(total * percent / 100) for revision, percent in percents.items()}
