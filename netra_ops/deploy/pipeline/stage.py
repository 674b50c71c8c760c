"""Build and stage: the candidate exists at 0 % under its tag, and nothing else has changed."""

from collections.abc import Mapping
from typing import Any

from netra_ops.deploy.cloud.convert import ServiceState, traffic_json
from netra_ops.deploy.cloud.services import CloudRun, failure_of, is_ready
from netra_ops.deploy.cloud.services import revision_name as short_name
from netra_ops.deploy.cloud.templates import image_of, released, revision_name
from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.ledger.rollout import Candidate, Rollout
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.planner import serving_revision
from netra_ops.deploy.plan.secrets import with_numbers
from netra_ops.deploy.progress import Step
from netra_ops.deploy.target import ROLES
from netra_ops.deploy.traffic import (
    CANDIDATE_TAG,
    STABLE_TAG,
    Split,
    Target,
    resolved,
    staged,
)


def build(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Make the images that do not exist yet."""
    force = context.choices.force_rebuild
    services = tuple(
        candidate.model_copy(
            update={"image": context.builder.build(candidate.role, force=force, report=step.note)}
        )
        for candidate in rollout.services
    )
    return {"services": services}


def stage(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Make a revision of each service at 0 % and wait until it is ready.

    Services that are not part of the release get the tags on what they serve, so that the
    candidate door leads to a whole platform.

    Raises:
        DeployFailed: a revision did not become ready; with its reason.
    """
    services = tuple(_stage_one(context, rollout.release, one, step) for one in rollout.services)
    members = {candidate.role for candidate in rollout.services}
    for role in ROLES:
        if role not in members and (
            state := context.target.cloud.read(context.target.service(role))
        ):
            _tag_unchanged(context, role, state)
    return {"services": services}


def _stage_one(context: Context, release: str, candidate: Candidate, step: Step) -> Candidate:
    cloud, service = context.target.cloud, candidate.service
    name, found = _reusable(cloud, service, release)
    if found is None:

        def change(state: ServiceState) -> Mapping[str, Any]:
            template = released(
                with_numbers(state.body["template"], candidate.secrets),
                role=candidate.role,
                image=candidate.image,
                revision=name,
                release=release,
            )
            split = staged(_named(state, candidate.fallback), name)
            return {"template": template, "traffic": traffic_json(split)}

        cloud.update(service, ["template", "traffic"], change)
        found = cloud.revision(service, name)
    else:  # staged before the deploy was killed; its tag may be gone
        state = cloud.require(service)
        cloud.route(service, staged(_named(state, candidate.fallback), name))
    if found is None or not is_ready(found):
        raise DeployFailed(
            f"{name} is not ready: {failure_of(found or {}) or 'it does not exist'}",
            remedy=f"read its log: netra logs {candidate.role}; no traffic has moved",
        )
    if (image := image_of(found, candidate.role)) != candidate.image:
        raise DeployFailed(
            f"{name} runs {image}, and {candidate.image} was built",
            remedy="someone else deployed at the same time: netra release status",
        )
    step.note(f"{service}: {name} is ready at 0 % under the tag {CANDIDATE_TAG}")
    return candidate.model_copy(update={"revision": name})


def _reusable(cloud: CloudRun, service: str, release: str) -> tuple[str, Mapping[str, Any] | None]:
    """Return a name for the candidate's revision, and that revision if it is staged already.

    It is when it is ready and the newest one. After an abort the newest one repeats the good
    revision; traffic that follows the latest would then leave the candidate once it is verified.
    So the same image is staged again, under the next free name.
    """
    newest = cloud.require(service).latest_created
    known = {short_name(one): one for one in cloud.revisions(service)}
    later = [revision_name(service, f"{release}-{n}") for n in range(2, len(known) + 3)]
    names = [revision_name(service, release), *later]
    if newest in names and newest in known and is_ready(known[newest]):
        return newest, known[newest]
    return next(name for name in names if name not in known), None


def _named(state: ServiceState, stable: str) -> Split:
    """Return the present traffic with LATEST replaced by its revision, and the tag ``stable``.

    The candidate will be the latest revision: a share of LATEST would reach it unverified.
    """
    shares = resolved(state.split, state.latest_ready)
    tags = tuple(
        Target(t.revision, 0, t.tag)
        for t in state.split
        if t.tag not in {"", STABLE_TAG, CANDIDATE_TAG}
    )
    serving = tuple(Target(name, percent) for name, percent in shares.items())
    return (*serving, *tags, Target(stable, 0, STABLE_TAG))


def _tag_unchanged(context: Context, role: str, state: ServiceState) -> None:
    revision = serving_revision(state)
    wanted = {CANDIDATE_TAG: revision, STABLE_TAG: revision}
    if {t.tag: t.revision for t in state.split if t.tag in wanted} == wanted:
        return
    kept = tuple(t for t in state.split if t.tag not in wanted)
    split = (*kept, *(Target(revision, 0, tag) for tag in wanted))
    context.target.cloud.route(context.target.service(role), split)
