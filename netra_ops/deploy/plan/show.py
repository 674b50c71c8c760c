"""A plan as lines of text: what ``--dry-run`` prints."""

from collections.abc import Iterator

from netra_ops.deploy.plan.plan import Plan, ServicePlan


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the plan, one line per fact; changes start with ``~``, refusals with ``!``."""
    yield f"release {plan.release} to {plan.project} ({plan.region})"
    yield f"traffic {' -> '.join(f'{step} %' for step in plan.steps)}"
    yield f"on failure: {plan.fallback_release or 'what serves now (no release is on record)'}"
    for service in plan.services:
        yield ""
        yield from _service_lines(service)
    for migration in plan.migrations:
        suits = ", ".join(migration.problems) or "suits the release that serves now"
        yield f"migration {migration.schema} {migration.revision}: {suits}"
    for finding in plan.warnings:
        yield f"warning: {finding.subject}: {finding.message}"
    for finding in plan.refusals:
        yield f"! refused: {finding.subject}: {finding.message}"
    if plan.is_empty:
        yield "nothing to deploy: every service serves this already (--force-rebuild deploys it)"


def _service_lines(service: ServicePlan) -> Iterator[str]:
    serving = ", ".join(f"{name} {share} %" for name, share in service.serving.items())
    yield f"{service.role}: {service.service}"
    yield f"  serves now   {serving or 'nothing: the service does not exist'}"
    yield f"  image now    {service.image_now or 'none'}"
    yield f"  image next   {service.image_next or 'to be built'}"
    yield f"  on failure   {service.fallback or 'no revision to go back to'}"
    for change in service.changes:
        yield f"  ~ {change.describe()}"
    for pin in service.pins:
        yield f"  ~ secret {pin.secret} in {pin.variable}: {pin.before} -> version {pin.number}"
    for change in service.drift:
        yield (
            f"  drift {change.path}: live {change.before or 'not set'}, "
            f"declared {change.after or 'not set'}; stays as it is"
        )
