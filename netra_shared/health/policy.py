"""The budgets of the readiness checks by environment: values, no I/O."""

from dataclasses import dataclass
from typing import Literal

from netra_shared.health.check import FailureScope, ServiceReadinessCheck, Validator
from netra_shared.settings import Environment


@dataclass(frozen=True, slots=True)
class Budget:
    """Time bounds of one check. ``attempts`` includes the first."""

    timeout_seconds: float
    attempts: int
    pause_seconds: float


# On Google Cloud the 8 s bound of the endpoint applies: 2 x 3.0 s + 0.5 s = 6.5 s. A developer's
# machine may wait longer, because a debugger or a cold disk can delay a server.
ON_GOOGLE_CLOUD = Budget(timeout_seconds=3.0, attempts=2, pause_seconds=0.5)
IN_DEVELOPMENT = Budget(timeout_seconds=10.0, attempts=3, pause_seconds=1.0)
ELSEWHERE = Budget(timeout_seconds=5.0, attempts=3, pause_seconds=0.5)

# A check within the process needs no network: one attempt, and one second for a busy event loop.
IN_PROCESS = Budget(timeout_seconds=1.0, attempts=1, pause_seconds=0.0)


def network_budget(environment: Environment) -> Budget:
    """Return the budget of a check that asks another server."""
    if environment.is_gcp:
        return ON_GOOGLE_CLOUD
    if environment is Environment.DEVELOPMENT:
        return IN_DEVELOPMENT
    return ELSEWHERE


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """A check without its validator.

    The fields have the meaning of those of ``ServiceReadinessCheck``.
    """

    budget: Budget
    is_critical: bool
    description: str
    scope: FailureScope = FailureScope.SHARED
    component_type: Literal["component", "datastore", "system"] = "component"

    def check(self, name: str, validator: Validator) -> ServiceReadinessCheck:
        """Return the check called ``name``."""
        return ServiceReadinessCheck(
            name=name,
            validator=validator,
            timeout_seconds=self.budget.timeout_seconds,
            retry_count=self.budget.attempts,
            retry_delay=self.budget.pause_seconds,
            is_critical=self.is_critical,
            description=self.description,
            scope=self.scope,
            component_type=self.component_type,
        )


def store_policies(environment: Environment) -> dict[str, CheckPolicy]:
    """Return the policies of ``database``, ``migrations`` and ``redis``, for either service.

    Redis (Valkey) is never critical: sockets and sign-in work without it. Pending migrations are
    critical on Google Cloud only.
    """
    network = network_budget(environment)
    return {
        "database": CheckPolicy(
            network,
            is_critical=True,
            description="PostgreSQL: accounts, threads, messages; a message is stored before it "
            "is acknowledged",
            component_type="datastore",
        ),
        "migrations": CheckPolicy(
            network,
            is_critical=environment.is_gcp,
            description="The schema is at least as new as this code",
            component_type="datastore",
        ),
        "redis": CheckPolicy(
            network,
            is_critical=False,
            description="Valkey or Redis: live events, resume, tickets; sockets work without it",
            component_type="datastore",
        ),
    }
