"""The calls of a deploy on the Admin API: read, create, stage, move traffic, annotate."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from google.api_core import exceptions
from google.api_core.future.polling import DEFAULT_POLLING
from google.api_core.operation import Operation
from google.api_core.retry import Retry, if_transient_error
from google.cloud import run_v2
from google.protobuf.field_mask_pb2 import FieldMask

from netra_ops.deploy.cloud.connection import Connection
from netra_ops.deploy.cloud.convert import (
    ServiceState,
    service_from,
    short,
    state_of,
    to_json,
    traffic_json,
)
from netra_ops.deploy.errors import CloudRefused
from netra_ops.deploy.traffic import Split

CALL_SECONDS = 30.0
# A start may take 240 s by Cloud Run's own bound; staging pulls an image before.
OPERATION_SECONDS = 420.0
CONFLICT_ATTEMPTS = 8  # writers of one service: this tool, Terraform, a person
_FIRST_POLL_SECONDS = 0.1
_LONGEST_POLL_SECONDS = 2.0
_RETRY = Retry(predicate=if_transient_error, timeout=CALL_SECONDS)
_POLLING = DEFAULT_POLLING.with_delay(
    initial=_FIRST_POLL_SECONDS, maximum=_LONGEST_POLL_SECONDS, multiplier=1.5
).with_timeout(OPERATION_SECONDS)

Change = Callable[[ServiceState], Mapping[str, Any]]


@dataclass(frozen=True)
class CloudRun:
    """Cloud Run in one project and region.

    Attributes:
        connection: its clients.
        project: the project's id.
        region: such as ``us-central1``.
    """

    connection: Connection
    project: str
    region: str

    @property
    def parent(self) -> str:
        """``projects/P/locations/L``."""
        return f"projects/{self.project}/locations/{self.region}"

    def read(self, service: str) -> ServiceState | None:
        """Return a service, None when it does not exist."""
        name = f"{self.parent}/services/{service}"
        with _translated(f"read {service}"):
            try:
                found = self.connection.services.get_service(
                    name=name, timeout=CALL_SECONDS, retry=_RETRY
                )
            except exceptions.NotFound:
                return None
        return state_of(found)

    def require(self, service: str) -> ServiceState:
        """Return a service.

        Raises:
            CloudRefused: it does not exist.
        """
        state = self.read(service)
        if state is None:
            raise CloudRefused(
                f"{self.project}/{self.region} has no service {service}",
                remedy="create it with Terraform, or with the first: netra deploy",
            )
        return state

    def create(self, service: str, body: Mapping[str, Any]) -> ServiceState:
        """Create a service and wait until its first revision serves."""
        with _translated(f"create {service}"):
            operation = self.connection.services.create_service(
                parent=self.parent,
                service=service_from({k: v for k, v in body.items() if k != "name"}),
                service_id=service,
                timeout=CALL_SECONDS,
            )
            return state_of(operation.result(timeout=OPERATION_SECONDS, polling=_POLLING))  # type: ignore[no-untyped-call]

    def update(self, service: str, fields: Sequence[str], change: Change) -> ServiceState:
        """Change some fields of a service and wait until the change is in effect.

        Args:
            service: its short name.
            fields: the update mask; what is not named stays as it is.
            change: returns the new values in JSON form from the state that was read. Called again
                when another writer was faster.

        Raises:
            CloudRefused: the API refuses, or others keep writing.
        """
        with _translated(f"change {', '.join(fields)} of {service}"):
            operation = self._patch(service, fields, change)
            return state_of(operation.result(timeout=OPERATION_SECONDS, polling=_POLLING))  # type: ignore[no-untyped-call]

    def _patch(self, service: str, fields: Sequence[str], change: Change) -> Operation:
        """Send the change; read again and repeat when another writer was faster."""
        for attempt in range(1, CONFLICT_ATTEMPTS + 1):
            state = self.require(service)
            body = {"name": state.name, "etag": state.etag, **change(state)}
            request = run_v2.UpdateServiceRequest(
                service=service_from(body), update_mask=FieldMask(paths=list(fields))
            )
            try:
                return self.connection.services.update_service(request, timeout=CALL_SECONDS)
            except exceptions.Conflict:
                # The same status says that a revision's name is taken, where nothing moved on.
                if attempt == CONFLICT_ATTEMPTS or self.require(service).etag == state.etag:
                    raise
        raise AssertionError("the loop returns or raises")

    def route(self, service: str, split: Split) -> ServiceState:
        """Move the traffic of a service. Only traffic: a template sent along would conflict."""
        return self.update(service, ["traffic"], lambda _: {"traffic": traffic_json(split)})

    def revision(self, service: str, revision: str) -> Mapping[str, Any] | None:
        """Return a revision in JSON form, None when it does not exist.

        The revision itself is read: fields of the service such as ``latestReadyRevision`` are
        stale while traffic is elsewhere.
        """
        name = f"{self.parent}/services/{service}/revisions/{revision}"
        with _translated(f"read {revision}"):
            try:
                found = self.connection.revisions.get_revision(
                    name=name, timeout=CALL_SECONDS, retry=_RETRY
                )
            except exceptions.NotFound:
                return None
        return to_json(found)

    def revisions(self, service: str) -> list[Mapping[str, Any]]:
        """Return every revision of a service, newest first."""
        parent = f"{self.parent}/services/{service}"
        with _translated(f"list revisions of {service}"):
            pages = self.connection.revisions.list_revisions(
                parent=parent, timeout=CALL_SECONDS, retry=_RETRY
            )
            return [to_json(revision) for revision in pages]


def is_ready(revision: Mapping[str, Any]) -> bool:
    """Return whether a revision can serve."""
    return any(
        condition.get("type") == "Ready" and condition.get("state") == "CONDITION_SUCCEEDED"
        for condition in revision.get("conditions", ())
    )


def failure_of(revision: Mapping[str, Any]) -> str:
    """Return why a revision cannot serve; empty when no condition says so."""
    return "; ".join(
        str(condition.get("message", condition.get("type", "")))
        for condition in revision.get("conditions", ())
        if condition.get("state") == "CONDITION_FAILED"
    )


def revision_name(revision: Mapping[str, Any]) -> str:
    """Return the short name of a revision."""
    return short(str(revision["name"]))


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the client library's errors into one of ours."""
    try:
        yield
    except exceptions.GoogleAPICallError as error:
        raise CloudRefused(
            f"cannot {what}: {error.message}", remedy=_remedy(error), api_code=str(error.code)
        ) from error
    except exceptions.RetryError as error:
        raise CloudRefused(
            f"cannot {what}: {error}", remedy="the API does not answer; try again"
        ) from error


def _remedy(error: exceptions.GoogleAPICallError) -> str:
    if isinstance(error, exceptions.Forbidden):
        return "ask for the roles in docs/deploying.md, section Permissions"
    if isinstance(error, exceptions.ServiceUnavailable):
        return "the API does not answer; try again"
    return ""
