"""What must work before a WebSocket may be accepted, and how long finding out may take."""

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
    """The backend's readiness checks for one environment, with a worst case that is refused.

    Args:
        environment: decides budgets and criticality; ``staging`` and ``production`` are on
            Google Cloud.
        validators: what to ask, by check name. On Google Cloud every name must be given.
        policies: budgets other than those of ``backend_policies(environment)``.

    Attributes:
        readiness_checks: the checks by name.

    Raises:
        ConfigurationError: a name is unknown or missing, or a check can take as long as the
            readiness budget on Google Cloud; names the check and the arithmetic.
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
        """True where the 8 s readiness budget binds."""
        return self.environment.is_gcp

    @property
    def worst_case_seconds(self) -> float:
        """Longest time until every check has an answer; they run in parallel."""
        return worst_case_seconds(self.readiness_checks.values())

    async def validate(self) -> dict[str, CheckResult]:
        """Run every check once, in parallel; returns within ``worst_case_seconds``.

        For commands and tests. A serving process asks a ``ReadinessMonitor``, which never waits.
        """
        results = await asyncio.gather(*(runner.run() for runner in self._runners))
        return dict(zip(self.readiness_checks, results, strict=True))

    async def close(self, timeout_seconds: float = 1.0) -> None:
        """Give attempts that ignored their deadline ``timeout_seconds`` to end."""
        await asyncio.gather(*(runner.close(timeout_seconds) for runner in self._runners))


def _refuse_wrong_names(
    environment: Environment,
    policies: Mapping[str, CheckPolicy],
    validators: Mapping[str, Validator],
) -> None:
    problems = [
        f"readiness check {name!r} is unknown; known are {', '.join(policies)}"
        for name in validators
        if name not in policies
    ]
    if environment.is_gcp:
        problems += [
            f"readiness check {name!r} has no validator, and {environment.value} demands every one"
            for name in policies
            if name not in validators
        ]
    if problems:
        raise ConfigurationError(problems)
