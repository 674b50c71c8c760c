"""Start-up steps are recorded in order, with their state, also when one fails."""

import time

import pytest

from netra_backend.app.core.startup import StartupLog


async def test_steps_are_recorded_in_order() -> None:
    log = StartupLog()
    async with log.step("first"):
        assert log.steps[0].state == "running"
    async with log.step("second"):
        pass
    log.finish()
    assert [(step.name, step.state) for step in log.steps] == [
        ("first", "done"),
        ("second", "done"),
    ]
    assert log.complete
    assert log.steps[0].started_at <= log.steps[1].started_at


async def test_a_failing_step_is_marked_and_its_error_propagates() -> None:
    log = StartupLog()
    with pytest.raises(ConnectionError):
        async with log.step("database"):
            raise ConnectionError
    assert log.steps[0].state == "failed"
    assert not log.complete


def test_what_happened_before_the_logs_is_recorded_without_a_gap() -> None:
    log = StartupLog()
    log.record("interpreter", until=log.process_started + 0.25)
    log.record("preload", until=log.process_started + 1.0)
    first, second = log.steps
    assert (first.started_at, first.elapsed) == pytest.approx((0.0, 0.25))
    assert (second.started_at, second.elapsed) == pytest.approx((0.25, 0.75))
    assert {first.state, second.state} == {"done"}


def test_time_is_counted_from_the_start_of_the_process() -> None:
    log = StartupLog()
    # integrity: allow no-wall-clock: the age of this process, read twice; nothing is timed
    assert 0 < time.monotonic() - log.process_started < 24 * 3600
    assert StartupLog().process_started == pytest.approx(log.process_started, abs=0.05)
