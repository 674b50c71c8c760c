"""Counters exist before their first event, so that a rule on them can fire at the first one."""

import subprocess
import sys

import pytest

PROGRAM = """
import netra_backend.app.worker.metrics
import netra_backend.app.runs.metrics
import netra_backend.app.streams.metrics
import netra_backend.app.websocket_core.error_handlers
import netra_backend.app.websocket_core.metrics
import netra_shared.runtime.late_imports
from prometheus_client import generate_latest
print(generate_latest().decode())
"""


@pytest.fixture(scope="module")
def document() -> list[str]:
    """The metrics of a process in which nothing has happened yet."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    return finished.stdout.splitlines()


@pytest.mark.parametrize(
    "series",
    [
        'late_imports_total{importer="",module=""}',
        'swallowed_exceptions_total{reason=""}',
        'netra_websocket_errors_total{type=""}',
        'netra_websocket_handshakes_total{outcome="accepted"}',
        'netra_websocket_closes_total{code="1009"}',
        'netra_websocket_closes_total{code="4429"}',
        'netra_runs_ended_total{code="",status="failed"}',
        'netra_runs_taken_over_total{outcome="resumed"}',
        'netra_agents_ended_total{cause="hang"}',
        'netra_stream_events_published_total{to="outage_log"}',
    ],
)
def test_the_series_is_0_before_the_first_event(document: list[str], series: str) -> None:
    assert f"{series} 0.0" in document
