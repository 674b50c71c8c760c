"""Bounds that contradict each other are refused."""

import pytest

from netra_backend.app.runs.policy import RunPolicy


def test_the_defaults_fit_together() -> None:
    policy = RunPolicy()
    # A drain, its interruption and a stuck run's end fit into the 8 s of a shutdown.
    assert policy.drain_seconds + 2 * policy.interrupt_seconds < 8
    assert policy.store_seconds < policy.lease_seconds
    # A stop from another instance is promised within a second: a heartbeat, and time to act.
    assert policy.heartbeat_seconds <= 0.5
    assert policy.heartbeat_seconds < policy.fence_seconds < policy.lease_seconds


def test_a_lease_must_survive_missed_heartbeats() -> None:
    with pytest.raises(ValueError, match="three heartbeats"):
        RunPolicy(lease_seconds=2.9, heartbeat_seconds=1.0)
