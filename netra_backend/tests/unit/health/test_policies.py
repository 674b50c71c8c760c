"""Criticality by environment, as written down in docs/readiness.md."""

import pytest

from netra_backend.app.health.policies import backend_policies
from netra_shared.health.check import FailureScope
from netra_shared.settings import Environment

GOOGLE_CLOUD = [Environment.STAGING, Environment.PRODUCTION]
ELSEWHERE = [item for item in Environment if item not in GOOGLE_CLOUD]


def critical(environment: Environment) -> set[str]:
    return {name for name, policy in backend_policies(environment).items() if policy.is_critical}


@pytest.mark.parametrize("environment", GOOGLE_CLOUD)
def test_critical_on_google_cloud(environment: Environment) -> None:
    assert critical(environment) == {"database", "migrations", "token_keys", "agent_runtime"}


@pytest.mark.parametrize("environment", ELSEWHERE)
def test_critical_elsewhere(environment: Environment) -> None:
    assert critical(environment) == {"database", "agent_runtime"}


@pytest.mark.parametrize("environment", list(Environment))
def test_what_asks_another_server_is_shared(environment: Environment) -> None:
    own = {
        name
        for name, policy in backend_policies(environment).items()
        if policy.scope is FailureScope.INSTANCE
    }
    assert own == {"agent_runtime", "stream_subscription"}
