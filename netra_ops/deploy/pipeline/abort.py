"""The way back: traffic on the last verified release, the template restored, nothing pinned."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from netra_ops.deploy.cloud.convert import ServiceState, traffic_json
from netra_ops.deploy.cloud.logs import last_lines
from netra_ops.deploy.cloud.services import CloudRun, is_ready
from netra_ops.deploy.cloud.templates import image_of, repeated, revision_name
from netra_ops.deploy.errors import CloudRefused, DeployFailed
from netra_ops.deploy.ledger.ledger import Ledger, renamed
from netra_ops.deploy.ledger.ledger import record as with_release
from netra_ops.deploy.ledger.release import Outcome, Release
from netra_ops.deploy.ledger.rollout import Rollout, aborted
from netra_ops.deploy.pipeline.context import Context, now
from netra_ops.deploy.pipeline.drain import leave, release_variable
from netra_ops.deploy.pipeline.finish import released_services
from netra_ops.deploy.progress import Step
from netra_ops.deploy.target import LEDGER_ROLE
from netra_ops.deploy.traffic import CANDIDATE_TAG, Target, whole_to
from netra_ops.errors import OperatorError

# Sockets leave within a second; the rest is for an instance that reads the epoch late.
SOCKETS_BACK_SECONDS = 30.0


@dataclass(frozen=True)
class Return:
    """One service that goes back.

    Attributes:
        role: backend, auth or frontend.
        service: its Cloud Run name.
        revision: that serves from now on.
    """

    role: str
    service: str
    revision: str


def abort(context: Context, rollout: Rollout, reason: str) -> None:
    """End a rollout: traffic to the fallback first, the record and the tidying after it.

    May run twice, and from another process than the one that deployed.
    """
    step = context.step("abort", reason)
    returns = [
        Return(one.role, one.service, one.fallback)
        for one in reversed(rollout.services)
        if one.fallback
    ]
    move_back(context.target.cloud, returns, step, candidates=rollout)
    if rollout.may_serve:
        _sockets_back(context, returns, step)
    _show_logs(context, rollout, step)
    names = {one.revision: _try_to_unpin(context, one, rollout, step) for one in returns}
    staged = any(one.revision for one in rollout.services)
    entry = Release(
        id=rollout.release,
        services=released_services(rollout),
        outcome=Outcome.ABORTED,
        by=rollout.by,
        at=now(),
        reason=rollout.reason,
        note=reason,
    )

    def end(ledger: Ledger) -> Ledger:
        over = aborted(rollout, reason)
        over = over.model_copy(
            update={
                "services": tuple(
                    one.model_copy(update={"fallback": names.get(one.fallback, one.fallback)})
                    for one in over.services
                )
            }
        )
        changed = renamed(ledger.model_copy(update={"rollout": over}), names)
        return with_release(changed, entry) if staged else changed

    context.write(end)
    step.done(", ".join(f"{one.service} serves {names[one.revision]}" for one in returns))


def _sockets_back(context: Context, returns: Sequence[Return], step: Step) -> None:
    """Let the sockets leave that the candidate got; the traffic is back in any case."""
    backend = next((one for one in returns if one.role == LEDGER_ROLE), None)
    if backend is None:
        return
    try:
        release = release_variable(context.target, backend.service, backend.revision)
        asyncio.run(leave(context, release, step, mode="now", within=SOCKETS_BACK_SECONDS))
    except OperatorError as error:
        step.note(f"sockets may be left on the candidate: {error.detail}")


def _show_logs(context: Context, rollout: Rollout, step: Step) -> None:
    """Show the last log lines of each candidate: the next thing that a person would look for."""
    for one in rollout.services:
        name = one.revision or revision_name(one.service, rollout.release)
        tail = last_lines(context.target.cloud, one.service, name)
        for line in tail.lines or filter(None, [tail.problem]):
            step.note(f"{name}: {line}")


def _try_to_unpin(context: Context, one: Return, rollout: Rollout, step: Step) -> str:
    """Un-pin a service; when that fails the good revision serves all the same, and it is said."""
    name = f"{rollout.release}-back-{len(context.target.cloud.revisions(one.service))}"
    try:
        return unpin(context.target.cloud, one, name, step)
    except OperatorError as error:
        step.note(f"{error.detail}; {error.remedy}")
        return one.revision


def move_back(
    cloud: CloudRun, returns: Sequence[Return], step: Step, candidates: Rollout | None = None
) -> None:
    """Give everything to named revisions; the candidate keeps its tag, so it can be looked at."""
    staged = {one.service: one.revision for one in candidates.services} if candidates else {}
    for one in returns:
        tags = [Target(staged[one.service], 0, CANDIDATE_TAG)] if staged.get(one.service) else []
        cloud.route(one.service, whole_to(one.revision, tags=tags))
        step.note(f"{one.service}: 100 % to {one.revision}")


def unpin(cloud: CloudRun, one: Return, release: str, step: Step) -> str:
    """Make the good revision the latest one again, and let traffic follow the latest.

    A revision named in the traffic would give the next deploy of any other tool 0 %, and the
    template would still be the bad one. So the good revision's template is deployed again, under
    ``release``; returns the revision that serves then. Nothing changes when it is the latest.

    Raises:
        DeployFailed: the repeated revision does not start; the good one still serves, pinned.
    """
    state = cloud.require(one.service)
    name = one.revision
    if state.latest_created != one.revision:
        name = revision_name(one.service, release)
        good = cloud.revision(one.service, one.revision)
        if good is None:
            raise DeployFailed(f"{one.revision} does not exist any more")
        template = repeated(good, name)

        def change(present: ServiceState) -> dict[str, object]:
            traffic = traffic_json(whole_to(one.revision, tags=present.split))
            return {"template": template, "traffic": traffic}

        try:
            cloud.update(one.service, ["template", "traffic"], change)
        except CloudRefused as error:
            raise DeployFailed(
                f"{one.service} serves {one.revision}, pinned: {error.detail}",
                remedy="the next netra deploy un-pins it",
            ) from error
        made = cloud.revision(one.service, name)
        if made is None or not is_ready(made):
            raise DeployFailed(f"{name} repeats {one.revision} and is not ready; that one serves")
        step.note(f"{one.service}: {name} repeats {one.revision} ({image_of(made, one.role)})")
    cloud.route(one.service, whole_to(None, tags=cloud.require(one.service).split))
    return name
