"""Create, update and delete: from a request to a change of the state.

Sources: google/cloud/run/v2/service.proto and revision.proto; texts of refusals from
hashicorp/terraform-provider-google#14569 (a revision's name reused), stackshy/cloudemu#1074
(deletion of a revision in use) and googleapis/google-cloud-python#11870 (etag).
"""

import string
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from netra_cloud.run.core import template as templates
from netra_cloud.run.core import traffic
from netra_cloud.run.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unimplemented,
)
from netra_cloud.run.core.field_mask import OUTPUT_ONLY, merge, parse_mask
from netra_cloud.run.core.names import Parent, check_service_id, parent_of, short
from netra_cloud.run.core.proto_json import SERVICE, read
from netra_cloud.run.core.reconcile import settle
from netra_cloud.run.core.records import (
    Change,
    Failure,
    OperationRecord,
    RevisionRecord,
    ServiceRecord,
    State,
)
from netra_cloud.run.core.views import revision_view, service_view

Json = dict[str, Any]

DEFAULT_INGRESS = "INGRESS_TRAFFIC_ALL"
_MAX_REVISIONS = 1000  # doc: run/docs/managing/revisions; the oldest are deleted beyond it
_NOT_EMULATED = ("multiRegionSettings", "binaryAuthorization", "buildConfig", "iapEnabled")


class Moment(msgspec.Struct, frozen=True):
    """What a transition takes from outside: the time and new identifiers.

    Attributes:
        now: RFC 3339, UTC.
        uid: a fresh UUID; names the operation and the new resource.
    """

    now: str
    uid: str


def create(
    state: State, parent: Parent, service_id: str, body: Any, moment: Moment
) -> tuple[Change, OperationRecord]:
    """Create a service and its first revision.

    Raises:
        ApiError: Google would refuse the request.
    """
    check_service_id(service_id)
    name = parent.service(service_id)
    if state.service(name) is not None:
        raise AlreadyExists(f"Resource '{service_id}' already exists.")
    spec = _spec(service_id, read(SERVICE, body, "service"))
    service = ServiceRecord(
        name=name,
        uid=moment.uid,
        spec=spec,
        create_time=moment.now,
        update_time=moment.now,
        transition_time=moment.now,
    )
    return _declare(state, service, "create", moment, new_template=True)


def update(
    state: State, name: str, body: Any, mask: str, moment: Moment, *, allow_missing: bool = False
) -> tuple[Change, OperationRecord]:
    """Change the masked fields of a service; a changed template makes a revision.

    Raises:
        ApiError: Google would refuse the request.
    """
    paths = parse_mask(mask)
    update_body = read(SERVICE, body, "service")
    service = state.service(name)
    if service is None:
        if allow_missing:
            return create(state, parent_of(name), short(name), body, moment)
        raise not_found(name)
    check_etag(service, update_body.get("etag", ""))
    spec = _spec(short(name), merge(service.spec, update_body, paths))
    before = service.spec["template"]
    new_template = spec["template"] != before
    if new_template and paths and spec["template"].get("revision") == before.get("revision"):
        masked = [path for path in paths if path[:2] == ["template", "revision"]]
        if before.get("revision") and not masked and ["template"] not in paths:
            # A masked change of the template asks for a fresh generated name.
            spec["template"].pop("revision", None)
    if spec == service.spec:
        changed = replace(service, version=service.version + 1, update_time=moment.now)
    else:
        changed = replace(
            service,
            spec=spec,
            version=service.version + 1,
            generation=service.generation + 1,
            update_time=moment.now,
        )
    return _declare(state, changed, "update", moment, new_template=new_template)


def delete(state: State, name: str, etag: str, moment: Moment) -> tuple[Change, OperationRecord]:
    """Delete a service with its revisions.

    Raises:
        NotFound: there is none.
        Aborted: the etag is of another version.
    """
    service = state.service(name)
    if service is None:
        raise not_found(name)
    check_etag(service, etag)
    view = service_view(state, service)
    operation = OperationRecord(
        name=parent_of(name).operation(moment.uid),
        target=name,
        kind="delete",
        create_time=moment.now,
        done=True,
        response={**view, "deleteTime": moment.now},
        metadata=view,
    )
    drops = (name, *(revision.name for revision in state.revisions(name)))
    return Change((*_superseded(state, service), operation), drops), operation


def delete_revision(state: State, name: str, moment: Moment) -> tuple[Change, OperationRecord]:
    """Delete a revision that neither serves nor is the latest.

    Raises:
        NotFound: there is none.
        FailedPrecondition: it is in use.
    """
    service = state.service(name.partition("/revisions/")[0])
    revision = state.revision(service.name, short(name)) if service else None
    if service is None or revision is None:
        raise NotFound(
            f"Resource '{short(name)}' of kind 'REVISION' in region "
            f"'{parent_of(name).location}' in project '{parent_of(name).project}' "
            "does not exist."
        )
    declared = traffic.declared(service.spec.get("traffic", []))
    names = {target.revision for target in service.serving}
    names |= {target.get("revision", "") for target in declared}
    if short(name) in names:
        raise FailedPrecondition(
            f"Revision '{short(name)}' cannot be deleted while it is actively serving traffic."
        )
    if short(name) == service.latest_created:
        raise FailedPrecondition(
            f"Revision '{short(name)}' cannot be deleted: it is the latest revision of its service."
        )
    view = revision_view(state, revision)
    operation = OperationRecord(
        name=parent_of(name).operation(moment.uid),
        target=name,
        kind="delete-revision",
        create_time=moment.now,
        done=True,
        response={**view, "deleteTime": moment.now},
        metadata=view,
    )
    change = Change((operation,), (name,))
    return change + settle(state.apply(change), service, moment.now), operation


def not_found(name: str) -> NotFound:
    """Return Google's 404 for a service."""
    where = parent_of(name)
    return NotFound(
        f"Resource '{short(name)}' of kind 'SERVICE' in region '{where.location}' in project "
        f"'{where.project}' does not exist."
    )


def check_etag(service: ServiceRecord, etag: str) -> None:
    """Refuse a change that was made from another version.

    Raises:
        Aborted: the etag is of another version.
    """
    if etag and etag != service.etag:
        given = etag.strip('"')
        raise Aborted(
            f"Conflict for resource '{short(service.name)}': version '{given}' was specified but "
            f"current version is '{service.version}'."
        )


def _spec(service_id: str, body: Json) -> Json:
    """Return the declaration with defaults, checked."""
    spec = {key: value for key, value in body.items() if key not in OUTPUT_ONLY}
    for field in _NOT_EMULATED:
        if spec.get(field):
            raise Unimplemented(f"service.{field} is not emulated by the local Cloud Run.")
    spec.setdefault("ingress", DEFAULT_INGRESS)
    spec.setdefault("launchStage", "GA")
    spec["template"] = templates.with_defaults(spec.get("template", {}))
    templates.check(spec["template"])
    spec["traffic"] = traffic.declared(spec.get("traffic", []))
    traffic.check(service_id, spec["traffic"])
    return spec


def _declare(
    state: State, service: ServiceRecord, kind: str, moment: Moment, *, new_template: bool
) -> tuple[Change, OperationRecord]:
    operation = OperationRecord(
        name=parent_of(service.name).operation(moment.uid),
        target=service.name,
        kind=kind,
        create_time=moment.now,
    )
    change = Change(_superseded(state, service))
    if new_template:
        service, made = _revision(state, service, moment)
        change += made
    service = replace(
        service, reconciling=True, pending_operation=operation.name, routes_failure=None
    )
    change += Change((service, operation))
    after = state.apply(change)
    operation = replace(operation, metadata=service_view(after, service))
    change += Change((operation,))
    after = state.apply(change)
    change += settle(after, service, moment.now)
    settled = state.apply(change).operation(operation.name)
    return change, settled or operation


def _revision(state: State, service: ServiceRecord, moment: Moment) -> tuple[ServiceRecord, Change]:
    template = service.spec["template"]
    serial = service.serial + 1
    service_id = short(service.name)
    name = template.get("revision", "")
    if name:
        if not name.startswith(f"{service_id}-"):
            text = (
                "The revision name must be prefixed by the name of the enclosing Service or "
                "Configuration with a trailing -"
            )
            raise InvalidArgument(f"template.revision: {text}", ("service.template.revision", text))
        taken = state.revision(service.name, name)
        if taken is not None:
            if taken.template == template:
                return replace(service, latest_created=name), Change()
            raise AlreadyExists(
                f"Revision named '{name}' with different configuration already exists."
            )
    else:
        letters = Random(moment.uid).choices(string.ascii_lowercase, k=3)  # noqa: S311 -- a name
        name = f"{service_id}-{serial:05d}-{''.join(letters)}"
    revision = RevisionRecord(
        name=f"{service.name}/revisions/{name}",
        uid=moment.uid,
        template=template,
        serial=serial,
        generation=service.generation,
        create_time=moment.now,
        transition_time=moment.now,
    )
    used = {target.revision for target in service.serving}
    used |= {target.get("revision", "") for target in service.spec["traffic"]}
    oldest = state.revisions(service.name)[_MAX_REVISIONS - 1 :]
    drops = tuple(one.name for one in oldest if short(one.name) not in used)
    return replace(service, serial=serial, latest_created=name), Change((revision,), drops)


def _superseded(state: State, service: ServiceRecord) -> tuple[OperationRecord, ...]:
    """End the operation that a newer change overtakes."""
    pending = state.operation(service.pending_operation)
    if pending is None or pending.done:
        return ()
    failure = Failure(
        Aborted.number,
        f"Conflict for resource '{short(service.name)}': a newer change replaced this one.",
    )
    return (replace(pending, done=True, error=failure),)
