"""The readiness budget: the worst case computed from the configuration must stay below it."""

from collections.abc import Iterable

from netra_shared.errors import ConfigurationError
from netra_shared.health.check import ServiceReadinessCheck
from netra_shared.settings import Environment

# The bound of the endpoint on Google Cloud. The first evaluation after start, the only one that a
# caller waits for, must stay below it as well.
READINESS_BUDGET_SECONDS = 8.0


def worst_case_seconds(checks: Iterable[ServiceReadinessCheck]) -> float:
    """Return the longest time until every check has an answer; 0 without checks.

    The checks run in parallel, so the slowest one decides: attempts x timeout, plus the pauses
    between them.
    """
    return max((check.worst_case_seconds for check in checks), default=0.0)


def arithmetic(check: ServiceReadinessCheck) -> str:
    """Return the arithmetic of the worst case of ``check``, e.g.

    ``2 x 3 s + 1 x 0.5 s = 6.5 s``.
    """
    pauses = check.retry_count - 1
    return (
        f"{check.retry_count} x {check.timeout_seconds:g} s"
        f" + {pauses} x {check.retry_delay:g} s = {check.worst_case_seconds:g} s"
    )


def refuse_over_budget(checks: Iterable[ServiceReadinessCheck], environment: Environment) -> None:
    """Refuse, on Google Cloud, checks whose worst case reaches the readiness budget.

    Raises:
        ConfigurationError: naming each such check and its arithmetic.
    """
    if not environment.is_gcp:
        return
    problems = [
        f"readiness check {check.name!r} can take {arithmetic(check)}, which reaches the "
        f"{READINESS_BUDGET_SECONDS:g} s readiness budget of {environment.value}"
        for check in checks
        if check.worst_case_seconds >= READINESS_BUDGET_SECONDS
    ]
    if problems:
        raise ConfigurationError(problems)
