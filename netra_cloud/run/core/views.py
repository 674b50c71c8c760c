"""Records in the JSON form of the Admin API v2."""

from typing import Any

from netra_cloud.run.core import traffic
from netra_cloud.run.core.names import parent_of, short
from netra_cloud.run.core.records import (
    Failure,
    OperationRecord,
    Phase,
    RevisionRecord,
    ServiceRecord,
    State,
)

Json = dict[str, Any]

SERVICE_TYPE = "type.googleapis.com/google.cloud.run.v2.Service"
REVISION_TYPE = "type.googleapis.com/google.cloud.run.v2.Revision"
SUCCEEDED = "CONDITION_SUCCEEDED"
FAILED = "CONDITION_FAILED"
RECONCILING = "CONDITION_RECONCILING"


def condition(kind: str, state: str, when: str, failure: Failure | None = None) -> Json:
    """Return a ``Condition``."""
    result: Json = {"type": kind, "state": state, "lastTransitionTime": when}
    if failure is not None:
        result["message"] = failure.message
        if failure.revision_reason:
            result["revisionReason"] = failure.revision_reason
        elif failure.reason:
            result["reason"] = failure.reason
    return result


def service_failure(state: State, service: ServiceRecord) -> Failure | None:
    """Return why a service is not ready; None when it is or still may become so."""
    created = state.revision(service.name, service.latest_created)
    if created is not None and created.failure is not None:
        return created.failure
    return service.routes_failure


def service_view(state: State, service: ServiceRecord) -> Json:
    """Return a ``Service``. Addresses are added by the front, which knows its ports."""
    when = service.transition_time
    created = state.revision(service.name, service.latest_created)
    configuration = created.failure if created is not None else None
    terminal = service_failure(state, service)
    busy = service.reconciling
    view: Json = {
        **service.spec,
        "name": service.name,
        "uid": service.uid,
        "generation": str(service.generation),
        "createTime": service.create_time,
        "updateTime": service.update_time,
        "creator": "local",
        "lastModifier": "local",
        "observedGeneration": str(service.observed_generation),
        "terminalCondition": _condition("Ready", terminal, when, busy=busy),
        "conditions": [
            _condition("RoutesReady", service.routes_failure, when, busy=busy),
            _condition("ConfigurationsReady", configuration, when, busy=busy),
        ],
        "trafficStatuses": [
            {
                "type": traffic.LATEST if target.latest else traffic.REVISION,
                **({} if target.latest else {"revision": target.revision}),
                "percent": target.percent,
                **({"tag": target.tag} if target.tag else {}),
            }
            for target in service.serving
        ],
        "etag": service.etag,
    }
    if busy:
        view["reconciling"] = True
    for field, name in (
        ("latestReadyRevision", service.shown_ready),
        ("latestCreatedRevision", service.latest_created),
    ):
        if name:
            view[field] = f"{service.name}/revisions/{name}"
    return view


def _condition(kind: str, failure: Failure | None, when: str, *, busy: bool) -> Json:
    if busy:
        return condition(kind, RECONCILING, when)
    return condition(kind, FAILED if failure else SUCCEEDED, when, failure)


def revision_view(state: State, revision: RevisionRecord) -> Json:
    """Return a ``Revision``."""
    service_name = revision.name.partition("/revisions/")[0]
    service = state.service(service_name)
    name = short(revision.name)
    active = service is not None and any(t.revision == name for t in service.serving)
    when = revision.transition_time
    view = {key: value for key, value in revision.template.items() if key != "revision"}
    pending = revision.phase is Phase.PENDING
    ready = (
        condition("Ready", RECONCILING, when)
        if pending
        else condition("Ready", FAILED if revision.failure else SUCCEEDED, when, revision.failure)
    )
    resources = {**ready, "type": "ResourcesAvailable"}
    container = {**ready, "type": "ContainerHealthy"}
    used = (
        condition("Active", SUCCEEDED, when)
        if active
        else {
            **condition("Active", FAILED, when),
            "severity": "INFO",
            "revisionReason": "RESERVE" if revision.phase is Phase.READY else "NO_DEPLOYMENT",
        }
    )
    view |= {
        "name": revision.name,
        "uid": revision.uid,
        "generation": "1",
        "createTime": revision.create_time,
        "updateTime": revision.transition_time,
        "service": short(service_name),
        "conditions": [ready, container, resources, used],
        "observedGeneration": "0" if pending else "1",
        "logUri": log_uri(revision.name),
        "etag": f'"{revision.uid}"',
    }
    if pending:
        view["reconciling"] = True
    return view


def operation_view(operation: OperationRecord) -> Json:
    """Return a ``google.longrunning.Operation``."""
    kind = REVISION_TYPE if "/revisions/" in operation.target else SERVICE_TYPE
    view: Json = {
        "name": operation.name,
        "metadata": {"@type": kind, **operation.metadata},
        "done": operation.done,
    }
    if operation.error is not None:
        view["error"] = {"code": operation.error.number, "message": operation.error.message}
    elif operation.done:
        view["response"] = {"@type": kind, **(operation.response or {})}
    return view


def log_uri(revision_name: str) -> str:
    """Return where Google's console shows a revision's log; error messages carry it."""
    service = short(revision_name.partition("/revisions/")[0])
    project = parent_of(revision_name).project
    revision = short(revision_name)
    return (
        f"https://console.cloud.google.com/logs/viewer?project={project}"
        f"&resource=cloud_run_revision/service_name/{service}/revision_name/{revision}"
        "&advancedFilter=resource.type%3D%22cloud_run_revision%22%0A"
        f"resource.labels.service_name%3D%22{service}%22%0A"
        f"resource.labels.revision_name%3D%22{revision}%22"
    )
