"""What this service needs to serve, as readiness checks."""

from sqlalchemy import text

from auth_service.app.services import Services
from netra_shared.health_check import FailureScope, ServiceReadinessCheck
from netra_shared.settings import Environment


def readiness_checks(services: Services) -> tuple[ServiceReadinessCheck, ...]:
    """Return the checks; on Google Cloud each stays below the 8 s readiness budget."""

    async def database() -> bool:
        # A standby answers reads, but no sign-in works without writing.
        async with services.engine.connect() as connection:
            read_only: str = await connection.scalar(text("SHOW transaction_read_only")) or ""
            return read_only == "off"

    async def valkey() -> bool:
        return bool(await services.valkey.ping())

    async def signing_key() -> bool:
        return services.keeper is None or services.keeper.is_loaded

    timeout, attempts, delay = _budget(services.settings.environment)
    return (
        ServiceReadinessCheck(
            name="postgres",
            validator=database,
            timeout_seconds=timeout,
            retry_count=attempts,
            retry_delay=delay,
            is_critical=True,
            description="Accounts and sessions; nothing works without it.",
        ),
        ServiceReadinessCheck(
            name="valkey",
            validator=valkey,
            timeout_seconds=timeout,
            retry_count=attempts,
            retry_delay=delay,
            is_critical=False,
            description="Shared rate limits, socket tickets, announcements of ended sessions.",
        ),
        ServiceReadinessCheck(
            name="signing_key",
            validator=signing_key,
            timeout_seconds=1.0,
            retry_count=1,
            retry_delay=0.0,
            is_critical=True,
            description="The key ring has been read by this instance.",
            scope=FailureScope.INSTANCE,
        ),
    )


def _budget(environment: Environment) -> tuple[float, int, float]:
    """Return timeout, attempts and delay: 6.5 s at worst on Google Cloud."""
    if environment.is_gcp:
        return 3.0, 2, 0.5
    if environment is Environment.DEVELOPMENT:
        return 10.0, 3, 1.0
    return 5.0, 3, 0.5
