"""From a declaration and the state of its revisions to what is in force.

Invariants (comments of Service in google/cloud/run/v2/service.proto): while ``reconciling`` is
true the observed fields may be of an earlier generation; after success they match the
declaration; after failure they keep the last serving state and the cause is in
``terminalCondition``.
"""

from msgspec.structs import replace

from netra_cloud.run.core import traffic
from netra_cloud.run.core.records import (
    Change,
    Failure,
    OperationRecord,
    Phase,
    RevisionRecord,
    ServiceRecord,
    State,
    Target,
)
from netra_cloud.run.core.views import service_view


def revision_ready(state: State, name: str, now: str) -> Change:
    """A revision's first instance passed its startup probe."""
    revision = state.records.get(name)
    if not isinstance(revision, RevisionRecord) or revision.phase is not Phase.PENDING:
        return Change()
    return _after(state, replace(revision, phase=Phase.READY, transition_time=now), now)


def revision_failed(state: State, name: str, failure: Failure, now: str) -> Change:
    """A revision's first instance did not get ready."""
    revision = state.records.get(name)
    if not isinstance(revision, RevisionRecord) or revision.phase is not Phase.PENDING:
        return Change()
    failed = replace(revision, phase=Phase.FAILED, failure=failure, transition_time=now)
    return _after(state, failed, now)


def _after(state: State, revision: RevisionRecord, now: str) -> Change:
    change = Change((revision,))
    service = state.service(revision.name.partition("/revisions/")[0])
    if service is None:
        return change
    return change + settle(state.apply(change), service, now)


def settle(state: State, service: ServiceRecord, now: str) -> Change:
    """Bring a service as near to its declaration as its revisions allow.

    The newest revision decides: while it starts, the service reconciles; when it has failed, the
    traffic in force stays; when it is ready, the declared traffic is resolved.
    """
    ready = [r for r in state.revisions(service.name) if r.phase is Phase.READY]
    newest_ready = ready[0].name.rpartition("/")[2] if ready else ""
    service = replace(service, newest_ready=newest_ready)
    created = state.revision(service.name, service.latest_created)
    if created is not None and created.phase is Phase.PENDING:
        return Change((replace(service, reconciling=True),))
    fresh = created is not None and created.generation == service.generation
    if created is not None and fresh and created.failure is not None:
        return _failed(state, service, created.failure, now)
    resolved = traffic.resolve(
        traffic.declared(service.spec.get("traffic", [])),
        newest_ready,
        lambda name: state.revision(service.name, name),
    )
    if isinstance(resolved, Failure):
        return _failed(state, replace(service, routes_failure=resolved), resolved, now)
    return _succeeded(state, service, resolved, now)


def _failed(state: State, service: ServiceRecord, failure: Failure, now: str) -> Change:
    failed = replace(service, reconciling=False, transition_time=now, pending_operation="")
    return Change((failed, *_finish(state, service, now, error=failure)))


def _succeeded(
    state: State, service: ServiceRecord, targets: tuple[Target, ...], now: str
) -> Change:
    shares = {target.revision for target in targets if target.percent > 0}
    # A staged revision is ready without being shown as the latest ready one
    # (mishrasanjeev/agentic-org#606): the field follows traffic.
    shown = service.newest_ready if service.newest_ready in shares else service.shown_ready
    done = replace(
        service,
        reconciling=False,
        observed_generation=service.generation,
        serving=targets,
        shown_ready=shown or service.newest_ready,
        routes_failure=None,
        transition_time=now,
        pending_operation="",
    )
    return Change((done, *_finish(state, done, now, operation=service.pending_operation)))


def _finish(
    state: State,
    service: ServiceRecord,
    now: str,
    *,
    error: Failure | None = None,
    operation: str = "",
) -> tuple[OperationRecord, ...]:
    pending = state.operation(operation or service.pending_operation)
    if pending is None or pending.done:
        return ()
    settled = replace(service, reconciling=False, pending_operation="", transition_time=now)
    view = service_view(state.apply(Change((settled,))), settled)
    response = None if error else view
    return (replace(pending, done=True, error=error, response=response, metadata=view),)
