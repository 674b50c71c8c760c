"""All checks of a release, in order, with a stop where the rest would say nothing new."""

from collections.abc import Awaitable, Callable

from netra_ops.deploy.verify.pages import check_bundle, check_open_tabs
from netra_ops.deploy.verify.probes import (
    PUBLIC_ANSWERS,
    check_identity,
    check_readiness,
    check_startup,
)
from netra_ops.deploy.verify.result import CheckResult
from netra_ops.deploy.verify.sockets import (
    check_golden_path,
    check_handshakes,
    check_late_imports,
)
from netra_ops.deploy.verify.subject import Subject

Check = Callable[[Subject], Awaitable[CheckResult]]
Report = Callable[[CheckResult], None]

# An instance that is not ready, or is not the one that is meant, fails everything after it.
_FIRST: tuple[Check, ...] = (check_startup, check_readiness)


async def verify(subject: Subject, report: Report) -> list[CheckResult]:
    """Check a candidate through its door; return all results.

    Args:
        subject: what to check.
        report: called with each result as it is known.
    """
    checks: list[Check] = []
    if "backend" in subject.revisions:
        checks.append(check_identity)
    checks += [check_handshakes, check_golden_path, check_late_imports]
    if subject.frontend_digest:
        checks += [check_bundle, check_open_tabs]
    results: list[CheckResult] = []
    for check in (*_FIRST, *checks):
        results.append(await check(subject))
        report(results[-1])
        if results[-1].failed and (check in _FIRST or check is check_identity):
            break
    return results


async def confirm(subject: Subject) -> CheckResult:
    """Ask the public address whether the new release, and nothing else, answers there."""
    return await check_identity(subject, answers=PUBLIC_ANSWERS)
