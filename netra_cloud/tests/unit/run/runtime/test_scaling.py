"""How many instances."""

from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.run.runtime.scaling import Limits, Load, queue_seconds, shares, wanted


@given(
    st.builds(
        Load,
        active=st.floats(0, 5000),
        cpu=st.floats(0, 1),
        waiting=st.integers(0, 500),
        instances=st.integers(0, 100),
        idle_expired=st.integers(0, 100),
    ),
    st.integers(0, 5),
    st.integers(5, 100),
)
def test_the_bounds_always_hold(load: Load, least: int, most: int) -> None:
    assert least <= wanted(load, Limits(least, most, 80)) <= most


def test_sixty_percent_of_concurrency_is_the_target() -> None:
    limits = Limits(concurrency=100)
    assert wanted(Load(active=60, instances=1), limits) == 1
    assert wanted(Load(active=61, instances=1), limits) == 2


def test_sixty_percent_of_cpu_is_the_target() -> None:
    assert wanted(Load(cpu=0.9, instances=2), Limits()) == 3


def test_waiting_requests_start_instances_now() -> None:
    assert wanted(Load(waiting=1), Limits()) == 1
    assert wanted(Load(waiting=81, instances=1), Limits()) == 3


def test_an_idle_instance_stays_until_its_time_is_over() -> None:
    assert wanted(Load(instances=3), Limits()) == 3
    assert wanted(Load(instances=3, idle_expired=2), Limits()) == 1
    assert wanted(Load(instances=3, idle_expired=3), Limits(least=1)) == 1


def test_manual_scaling_looks_at_nothing() -> None:
    assert wanted(Load(waiting=99), Limits(manual=2)) == 2


def test_waiting_is_bounded_by_the_startup_and_at_least_ten_seconds() -> None:
    assert (queue_seconds(1.0), queue_seconds(4.0)) == (10.0, 14.0)


def test_service_level_instances_follow_traffic() -> None:
    assert shares(10, {"a": 75, "b": 25}) == {"a": 8, "b": 3}
