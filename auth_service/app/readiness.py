"""Readiness checks of the identity service."""

from auth_service.app.revision import HEAD
from auth_service.app.schema_version import current_revision
from auth_service.app.services import APPLICATION, Services
from netra_shared.health.budget import refuse_over_budget
from netra_shared.health.check import FailureScope, Validator
from netra_shared.health.dependencies import (
    migrations_validator,
    postgres_validator,
    valkey_validator,
)
from netra_shared.health.fleet import Fleet
from netra_shared.health.health_json import Identity
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.policy import IN_PROCESS, CheckPolicy, store_policies
from netra_shared.settings import Environment


def auth_policies(environment: Environment) -> dict[str, CheckPolicy]:
    """Return the policy of every check of the identity service, by name.

    ``signing_key`` has the scope of one instance: an instance that has not read the ring can
    neither sign nor publish, while another one can. A ring is cached after it was read, so an
    outage of PostgreSQL does not make the check fail.
    """
    return store_policies(environment) | {
        "signing_key": CheckPolicy(
            IN_PROCESS,
            is_critical=True,
            description="The key ring with which this instance signs and which it publishes",
            scope=FailureScope.INSTANCE,
        ),
    }


def readiness_monitor(services: Services, identity: Identity) -> ReadinessMonitor:
    """Return the monitor of ``services``; it is not started.

    Raises:
        ConfigurationError: a check can take as long as the readiness budget on Google Cloud.
    """
    validators = _validators(services)
    environment = services.settings.environment
    checks = [
        policy.check(name, validators[name]) for name, policy in auth_policies(environment).items()
    ]
    refuse_over_budget(checks, environment)
    return ReadinessMonitor(
        checks,
        refresh=services.settings.readiness,
        fleet=Fleet(services.valkey, service=identity.service, instance=identity.instance),
    )


def _validators(services: Services) -> dict[str, Validator]:
    async def signing_key() -> bool:
        return services.keeper is None or services.keeper.is_loaded

    return {
        "database": postgres_validator(services.engine),
        "migrations": migrations_validator(
            lambda: current_revision(services.database),
            head=HEAD,
            is_older=lambda revision: revision < HEAD,
        ),
        "redis": valkey_validator(services.valkey, service=APPLICATION),
        "signing_key": signing_key,
    }
