"""The bounds that ``docs/readiness.md`` promises, in seconds."""

from netra_shared.health.policy import IN_PROCESS, ON_GOOGLE_CLOUD, Budget
from netra_shared.health.refresh import GRACE_SECONDS


def seen_within(budget: Budget) -> float:
    """Return how long a fault may stay unseen: the check's own worst case, and the grace."""
    pauses = (budget.attempts - 1) * budget.pause_seconds
    return budget.attempts * budget.timeout_seconds + pauses + GRACE_SECONDS


PROMISE_SECONDS = seen_within(ON_GOOGLE_CLOUD)  # 2 x 3.0 s + 0.5 s + 1 s
IN_PROCESS_SECONDS = seen_within(IN_PROCESS)
LATENCY_SECONDS = 0.1  # of any answer, at the 99th percentile
ADMISSION_SECONDS = 10.0
