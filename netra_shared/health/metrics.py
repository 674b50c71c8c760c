"""Readiness as Prometheus metrics."""

from prometheus_client import Counter, Gauge, Histogram

READY = Gauge("readiness_ready", "1 while the instance may receive traffic (pass or warn).")
DEGRADED = Gauge("readiness_degraded", "1 while the instance serves with something missing (warn).")
CHECK_PASSING = Gauge(
    "readiness_check_passing", "1 while the check's concluded state is passing.", ["check"]
)
CHECK_SECONDS = Histogram(
    "readiness_check_seconds",
    "Duration of one run of a check, retries included.",
    ["check"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 3, 6.5, 8),
)
TRANSITIONS = Counter(
    "readiness_transitions_total", "Changes of a check's concluded state.", ["check", "to"]
)
