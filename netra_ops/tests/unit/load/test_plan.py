"""The schedule of an open loop depends on nothing but the plan."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_client.models import TokenPair
from netra_ops.load.plan import WorkerPlan, schedule

TIMES = st.floats(min_value=0.1, max_value=600)


@given(
    total=st.integers(1, 500),
    duration=TIMES,
    ramp=st.floats(min_value=0, max_value=60),
    interval=TIMES,
    together=st.booleans(),
)
def test_operations_lie_within_the_duration_and_are_evenly_apart(
    *, total: int, duration: float, ramp: float, interval: float, together: bool
) -> None:
    for number in {0, total // 2, total - 1}:
        times = schedule(
            number, total, duration=duration, ramp=ramp, interval=interval, together=together
        )
        assert 0 <= times.arrives <= ramp
        assert all(ramp <= one <= ramp + duration + 1e-6 for one in times.operations)
        gaps = [b - a for a, b in zip(times.operations, times.operations[1:], strict=False)]
        assert gaps == pytest.approx([interval] * len(gaps))


def test_users_are_spread_or_together() -> None:
    def first(number: int, *, together: bool) -> float:
        return schedule(number, 4, duration=10, ramp=0, interval=2, together=together).operations[0]

    assert [first(number, together=False) for number in range(4)] == [0, 0.5, 1, 1.5]
    assert [first(number, together=True) for number in range(4)] == [0, 0, 0, 0]


def test_a_plan_crosses_to_a_worker_and_shows_no_token() -> None:
    pair = TokenPair("secret-a", 900, "secret-b")
    plan = WorkerPlan("http://localhost", "idle", (0, 1), 2, 5, 1, None, (pair,), 15, 1000.0)
    assert msgspec.json.decode(msgspec.json.encode(plan), type=WorkerPlan) == plan
    assert "secret" not in repr(plan)
