"""Metrics of the agent process, recorded by its gateway."""

from prometheus_client import Counter, Gauge, Histogram

AGENTS_UP = Gauge(
    "netra_agents_up", "1 while the agent process of the instance accepts commands and answers."
)
AGENTS_ENDED = Counter(
    "netra_agents_ended_total",
    "Unexpected ends of the agent process, by signal name, `exit` or `hang`.",
    ["cause"],
)
AGENTS_START_SECONDS = Histogram(
    "netra_agents_start_seconds",
    "From the start of the agent process until it accepts commands.",
    buckets=(0.5, 1, 1.5, 2, 3, 5, 10, 30, 60),
)

# Known series exist with 0 before their first event: an absent one cannot be alerted on, and
# `increase` does not see a series' first sample.
for _cause in ("exit", "hang", "SIGKILL", "SIGSEGV"):
    AGENTS_ENDED.labels(_cause)
