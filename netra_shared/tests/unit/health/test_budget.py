"""The computed worst case is what a run can take, neither less nor more."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.errors import ConfigurationError
from netra_shared.health.budget import (
    READINESS_BUDGET_SECONDS,
    arithmetic,
    refuse_over_budget,
    worst_case_seconds,
)
from netra_shared.health.check import ServiceReadinessCheck, Validator
from netra_shared.health.run import CheckRunner
from netra_shared.settings import Environment
from netra_shared.tests.unit.scripted_validator import Script, never
from netra_shared.tests.unit.virtual_clock import simulate

ROUNDING = 1e-6  # sums of floats along the virtual clock


def check(
    name: str, validator: Validator, timeout: float, attempts: int, pause: float
) -> ServiceReadinessCheck:
    return ServiceReadinessCheck(name, validator, timeout, attempts, pause, True, "")


seconds = st.floats(min_value=0.01, max_value=60, allow_nan=False)
bounds = st.tuples(seconds, st.integers(1, 4), st.floats(0, 5, allow_nan=False))
behaviour = st.tuples(st.sampled_from(["hang", "unresponsive", "raise", "no", "pass"]), seconds)


async def run_all(checks: list[ServiceReadinessCheck]) -> float:
    loop = asyncio.get_running_loop()
    started = loop.time()
    runners = [CheckRunner(item) for item in checks]
    await asyncio.gather(*(runner.run() for runner in runners))
    took = loop.time() - started
    # An hour later the unresponsive ones have ended as well, and nothing is left.
    await asyncio.sleep(7200)
    assert [runner.abandoned for runner in runners] == [0] * len(runners)
    return took


@given(st.lists(st.tuples(bounds, st.lists(behaviour, min_size=1, max_size=4)), max_size=5))
def test_no_behaviour_outlasts_the_computed_worst_case(
    cases: list[tuple[tuple[float, int, float], list[tuple[str, float]]]],
) -> None:
    checks = [
        check(f"c{index}", Script(behaviours), *limits)
        for index, (limits, behaviours) in enumerate(cases)
    ]
    assert simulate(run_all(checks)) <= worst_case_seconds(checks) + ROUNDING


@given(st.lists(bounds, min_size=1, max_size=5))
def test_when_everything_hangs_the_worst_case_is_reached_exactly(
    limits: list[tuple[float, int, float]],
) -> None:
    checks = [check(f"c{index}", never, *item) for index, item in enumerate(limits)]
    assert simulate(run_all(checks)) == pytest.approx(worst_case_seconds(checks))


def test_no_checks_take_no_time() -> None:
    assert worst_case_seconds([]) == 0


def test_the_arithmetic_is_shown() -> None:
    assert arithmetic(check("redis", never, 3, 2, 0.5)) == "2 x 3 s + 1 x 0.5 s = 6.5 s"


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.PRODUCTION])
def test_the_guides_original_configuration_is_refused_on_google_cloud(
    environment: Environment,
) -> None:
    original = check("redis", never, 30.0, 3, 1.0)
    with pytest.raises(ConfigurationError) as caught:
        refuse_over_budget([check("database", never, 3, 2, 0.5), original], environment)
    assert arithmetic(original) == "3 x 30 s + 2 x 1 s = 92 s"
    expected = (
        f"readiness check 'redis' can take {arithmetic(original)}, which reaches the 8 s "
        f"readiness budget of {environment.value}"
    )
    assert caught.value.problems == [expected]


@given(bounds)
def test_exactly_what_reaches_the_budget_is_refused(limits: tuple[float, int, float]) -> None:
    one = check("redis", never, *limits)
    for environment in Environment:
        if environment.is_gcp and worst_case_seconds([one]) >= READINESS_BUDGET_SECONDS:
            with pytest.raises(ConfigurationError, match="redis"):
                refuse_over_budget([one], environment)
        else:
            refuse_over_budget([one], environment)


def test_reaching_the_budget_exactly_is_too_much() -> None:
    with pytest.raises(ConfigurationError):
        refuse_over_budget([check("redis", never, 4.0, 2, 0.0)], Environment.STAGING)


@pytest.mark.parametrize(
    ("timeout", "attempts", "pause"),
    [(0, 1, 0), (float("inf"), 1, 0), (float("nan"), 1, 0), (1, 0, 0), (1, 2, -1)],
)
def test_an_unbounded_check_is_refused(timeout: float, attempts: int, pause: float) -> None:
    with pytest.raises(ConfigurationError, match="redis"):
        check("redis", never, timeout, attempts, pause)
