"""Metrics of runs."""

from prometheus_client import Counter, Gauge, Histogram

RUNS_ACTIVE = Gauge("netra_runs_active", "Runs that this instance is executing.")
RUNS_ENDED = Counter(
    "netra_runs_ended_total", "Ended runs by status and error code.", ["status", "code"]
)
RUN_SECONDS = Histogram(
    "netra_run_seconds",
    "From the acknowledged command to the stored answer.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
)
RUNS_TAKEN_OVER = Counter(
    "netra_runs_taken_over_total",
    "Runs claimed from lost processes, by result: resumed, ended or settled.",
    ["outcome"],
)
LEASES_LOST = Counter("netra_run_leases_lost_total", "Runs whose lease this instance lost.")
RUN_TASKS_LOST = Counter(
    "netra_run_tasks_lost_total", "Tasks that the agent framework left running when a run ended."
)

# Known series exist with 0 before their first event: an absent one cannot be alerted on, and
# `increase` does not see a series' first sample.
for _status in ("completed", "cancelled", "interrupted", "failed"):
    RUNS_ENDED.labels(_status, "")
for _outcome in ("resumed", "ended", "settled"):
    RUNS_TAKEN_OVER.labels(_outcome)
