import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.services.backoff import RestartPolicy

pytestmark = pytest.mark.unit

POLICY = RestartPolicy(first_seconds=0.2, ceiling_seconds=10.0, forgiven_after_seconds=30.0)


def test_delays_double_up_to_the_ceiling() -> None:
    assert [POLICY.delay(n) for n in (1, 2, 3, 6, 7, 10_000)] == [0.2, 0.4, 0.8, 6.4, 10.0, 10.0]


@given(failures=st.integers(1, 10**9))
def test_a_delay_is_never_outside_its_bounds_nor_shorter_than_the_one_before(failures: int) -> None:
    assert POLICY.first_seconds <= POLICY.delay(failures) <= POLICY.ceiling_seconds
    assert POLICY.delay(failures) <= POLICY.delay(failures + 1)


@pytest.mark.parametrize(("uptime", "failures"), [(0.0, 8), (29.9, 8), (30.0, 1), (3600.0, 1)])
def test_a_long_life_is_forgiven(uptime: float, failures: int) -> None:
    assert POLICY.failures(7, uptime) == failures
