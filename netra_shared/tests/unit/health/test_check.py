import math

import pytest

from netra_shared.errors import ConfigurationError
from netra_shared.health.check import ServiceReadinessCheck


async def passes() -> bool:
    return True


def check(
    name: str = "redis",
    timeout_seconds: float = 3.0,
    retry_count: int = 2,
    retry_delay: float = 0.5,
) -> ServiceReadinessCheck:
    return ServiceReadinessCheck(
        name=name, validator=passes, timeout_seconds=timeout_seconds, retry_count=retry_count,
        retry_delay=retry_delay, is_critical=False, description="a store",
    )  # fmt: skip


def test_the_worst_case_is_every_attempt_and_every_pause() -> None:
    assert check().worst_case_seconds == 6.5
    assert check(retry_count=1).worst_case_seconds == 3.0


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.inf, math.nan])
def test_a_timeout_is_positive_and_finite(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="redis: timeout_seconds"):
        check(timeout_seconds=seconds)


@pytest.mark.parametrize("seconds", [-0.1, math.inf, math.nan])
def test_a_delay_is_not_negative_and_finite(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="redis: retry_delay"):
        check(retry_delay=seconds)


def test_every_problem_is_reported() -> None:
    with pytest.raises(ConfigurationError) as refused:
        check(name="no name", retry_count=0, retry_delay=-1)
    assert len(refused.value.problems) == 3
