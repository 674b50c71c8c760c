"""Start-up steps are recorded in order, with their state, also when one fails."""

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
    assert log.steps[0].began_at <= log.steps[1].began_at


async def test_a_failing_step_is_marked_and_its_error_propagates() -> None:
    log = StartupLog()
    with pytest.raises(ConnectionError):
        async with log.step("database"):
            raise ConnectionError
    assert log.steps[0].state == "failed"
    assert not log.complete
