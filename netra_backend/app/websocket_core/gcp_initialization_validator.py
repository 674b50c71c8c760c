"""The readiness checks of the backend and their budget."""

import asyncio
from collections.abc import Mapping

from netra_backend.app.health.policies import backend_policies
from netra_shared.errors import ConfigurationError
from netra_shared.health.budget import refuse_over_budget, worst_case_seconds
from netra_shared.health.check import CheckResult, ServiceReadinessCheck, Validator
from netra_shared.health.policy import CheckPolicy
from netra_shared.health.run import CheckRunner
from netra_shared.settings import Environment

__all__ = ["GCPWebSocketInitializationValidator", "ServiceReadinessCheck"]


class GCPWebSocketInitializationValidator:
    """The backend's readiness checks for one environment, with a bounded worst case.

    Args:
        environment: selects budgets and criticality; ``staging`` and ``production`` are on
            Google Cloud.
        validators: the check functions by check name. On Google Cloud all are required.
        policies: replace ``backend_policies(environment)``.

    Attributes:
        readiness_checks: the checks by name.

    Raises:
        ConfigurationError: a name is unknown or missing, or the worst case of a check reaches
            the readiness budget on Google Cloud; the message shows the check and the sum.
    """

    def __init__(
        self,
        environment: Environment,
        validators: Mapping[str, Validator],
        *,
        policies: Mapping[str, CheckPolicy] | None = None,
    ) -> None:
        self.environment = environment
        known = backend_policies(environment) if policies is None else policies
        _refuse_wrong_names(environment, known, validators)
        self.readiness_checks: dict[str, ServiceReadinessCheck] = {
            name: policy.check(name, validators[name])
            for name, policy in known.items()
            if name in validators
        }
        refuse_over_budget(self.readiness_checks.values(), environment)
        self._runners = [CheckRunner(check) for check in self.readiness_checks.values()]

    @property
    def is_gcp_environment(self) -> bool:
        """Whether the 8 s readiness budget applies."""
        return self.environment.is_gcp

    @property
    def worst_case_seconds(self) -> float:
        """Longest time until every check has a result; they run in parallel."""
        return worst_case_seconds(self.readiness_checks.values())

    async def validate(self) -> dict[str, CheckResult]:
        """Run every check once, in parallel; returns within ``worst_case_seconds``.

        For commands and tests. A serving process uses a ``ReadinessMonitor``, which never waits.
        """
        results = await asyncio.gather(*(runner.run() for runner in self._runners))
        return dict(zip(self.readiness_checks, results, strict=True))

    async def close(self, timeout_seconds: float = 1.0) -> None:
        """Wait up to ``timeout_seconds`` for attempts that ignored their deadline."""
        await asyncio.gather(*(runner.close(timeout_seconds) for runner in self._runners))


def _refuse_wrong_names(
    environment: Environment,
    policies: Mapping[str, CheckPolicy],
    validators: Mapping[str, Validator],
) -> None:
    problems = [
        f"unknown readiness check {name!r}; expected one of {', '.join(policies)}"
        for name in validators
        if name not in policies
    ]
    if environment.is_gcp:
        problems += [
            f"readiness check {name!r} has no validator; {environment.value} requires all of them"
            for name in policies
            if name not in validators
        ]
    if problems:
        raise ConfigurationError(problems)
