"""The remediation of the 30 s readiness hang: every environment's Redis budget, and its proof.

A Redis check of 30 s held the readiness endpoint for longer than the load balancer waits. The
budgets below are the fix; the computed worst case and its refusal keep it fixed.
"""

import asyncio
import time
from dataclasses import replace

import pytest

from netra_backend.app.health.policies import backend_policies
from netra_backend.app.websocket_core.gcp_initialization_validator import (
    GCPWebSocketInitializationValidator,
    ServiceReadinessCheck,
)
from netra_shared.errors import ConfigurationError
from netra_shared.health.budget import READINESS_BUDGET_SECONDS
from netra_shared.health.check import Validator
from netra_shared.health.policy import Budget
from netra_shared.settings import Environment
from test_framework.stolen_time import undisturbed

pytestmark = pytest.mark.mission_critical

NAMES = list(backend_policies(Environment.STAGING))


async def works() -> None:
    """Answer immediately."""


async def hangs() -> None:
    """Accept the question and stay silent, as the incident's Redis did."""
    await asyncio.Event().wait()


def validator_for(environment: Environment) -> GCPWebSocketInitializationValidator:
    return GCPWebSocketInitializationValidator(environment, dict.fromkeys(NAMES, works))


def redis_check(environment: Environment) -> ServiceReadinessCheck:
    return validator_for(environment).readiness_checks["redis"]


def budget_of(check: ServiceReadinessCheck) -> tuple[float, int, float, bool]:
    return check.timeout_seconds, check.retry_count, check.retry_delay, check.is_critical


def test_redis_timeout_configuration_staging_environment() -> None:
    check = redis_check(Environment.STAGING)
    assert budget_of(check) == (3.0, 2, 0.5, False)
    assert check.worst_case_seconds == 6.5
    assert validator_for(Environment.STAGING).is_gcp_environment


def test_redis_timeout_configuration_production_environment() -> None:
    assert budget_of(redis_check(Environment.PRODUCTION)) == (3.0, 2, 0.5, False)


def test_redis_timeout_configuration_development_environment() -> None:
    assert budget_of(redis_check(Environment.DEVELOPMENT)) == (10.0, 3, 1.0, False)


@pytest.mark.parametrize("environment", [Environment.LOCAL, Environment.TEST])
def test_redis_timeout_configuration_elsewhere(environment: Environment) -> None:
    assert budget_of(redis_check(environment)) == (5.0, 3, 0.5, False)
    assert not validator_for(environment).is_gcp_environment


@pytest.mark.parametrize("environment", list(Environment))
def test_every_check_is_named_described_and_keyed_by_its_name(environment: Environment) -> None:
    checks = validator_for(environment).readiness_checks
    assert list(checks) == NAMES
    assert all(name == check.name and check.description for name, check in checks.items())


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.PRODUCTION])
def test_the_computed_worst_case_stays_below_the_budget_on_google_cloud(
    environment: Environment,
) -> None:
    validator = validator_for(environment)
    assert validator.worst_case_seconds == 6.5
    assert validator.worst_case_seconds < READINESS_BUDGET_SECONDS == 8.0


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.PRODUCTION])
@pytest.mark.parametrize("name", NAMES)
def test_the_guides_original_30_second_configuration_is_refused(
    environment: Environment, name: str
) -> None:
    policies = backend_policies(environment)
    policies[name] = replace(policies[name], budget=Budget(30.0, attempts=3, pause_seconds=1.0))
    with pytest.raises(ConfigurationError) as caught:
        GCPWebSocketInitializationValidator(
            environment, dict.fromkeys(NAMES, works), policies=policies
        )
    (problem,) = caught.value.problems
    assert problem.startswith(f"readiness check {name!r} can take 3 x 30 s + 2 x 1 s = 92 s")
    assert "8 s readiness budget" in problem


def test_one_attempt_of_30_seconds_is_refused_too() -> None:
    policies = backend_policies(Environment.STAGING)
    policies["redis"] = replace(policies["redis"], budget=Budget(30.0, 1, 0.0))
    with pytest.raises(ConfigurationError, match=r"1 x 30 s \+ 0 x 0 s = 30 s"):
        GCPWebSocketInitializationValidator(
            Environment.STAGING, dict.fromkeys(NAMES, works), policies=policies
        )


def test_outside_google_cloud_a_long_budget_is_the_developers_choice() -> None:
    assert validator_for(Environment.DEVELOPMENT).worst_case_seconds == 32.0


def test_on_google_cloud_no_check_may_be_left_out() -> None:
    with pytest.raises(ConfigurationError, match="'redis' has no validator"):
        GCPWebSocketInitializationValidator(
            Environment.STAGING, {name: works for name in NAMES if name != "redis"}
        )


def test_a_misspelt_check_is_refused_everywhere() -> None:
    with pytest.raises(ConfigurationError, match="unknown readiness check 'reddis'"):
        GCPWebSocketInitializationValidator(Environment.LOCAL, {"reddis": works})


async def test_a_silent_redis_costs_its_budget_once_and_delays_no_other_check() -> None:
    validators: dict[str, Validator] = {"redis": hangs}
    for name in NAMES:
        validators.setdefault(name, works)
    fast = {
        name: replace(policy, budget=Budget(0.3, attempts=2, pause_seconds=0.05))
        for name, policy in backend_policies(Environment.STAGING).items()
    }

    async def attempt() -> None:
        validator = GCPWebSocketInitializationValidator(
            Environment.STAGING, validators, policies=fast
        )
        started = time.monotonic()
        results = await validator.validate()
        took = time.monotonic() - started
        await validator.close()
        # integrity: allow no-wall-clock: the computed worst case is a promised bound
        assert 0.65 <= took < 0.65 + 0.5  # 2 x 0.3 s + 0.05 s, and a busy machine
        assert not results["redis"].passed
        assert results["redis"].output == "no answer within 0.3 s"
        others = [result for name, result in results.items() if name != "redis"]
        assert all(result.passed for result in others)
        assert max(result.elapsed_seconds for result in others) < 0.3

    await undisturbed(attempt, deadline=0.3)
