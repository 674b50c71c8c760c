"""What the control plane remembers: services, revisions, operations, as immutable records."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

Json = dict[str, Any]


class Phase(StrEnum):
    """Where a revision is in its life."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class Failure(msgspec.Struct, frozen=True):
    """Why a revision or a route is not ready.

    Attributes:
        number: canonical code (google/rpc/code.proto) of the operation's error.
        message: the text that the operation and the conditions carry.
        reason: name of a ``Condition.CommonReason``.
        revision_reason: name of a ``Condition.RevisionReason``.
    """

    number: int
    message: str
    reason: str = ""
    revision_reason: str = ""


class Target(msgspec.Struct, frozen=True):
    """A share of traffic that is in force: a revision's short name, percent and tag."""

    revision: str
    percent: int
    tag: str = ""
    latest: bool = False


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True, tag="service"):
    """A service.

    Attributes:
        name: full name.
        spec: what the caller declared, with defaults, in the JSON form of ``Service``.
        version: counts every change of the declaration; the etag.
        serial: number of the newest generated revision name.
        newest_ready: short name of the newest ready revision; LATEST leads there.
        shown_ready: short name in ``latestReadyRevision``; stays behind for a staged revision.
        serving: the traffic in force.
        routes_failure: why the declared traffic is not in force.
        pending_operation: name of the operation that waits for this generation.
    """

    name: str
    uid: str
    spec: Json
    create_time: str
    update_time: str
    transition_time: str
    version: int = 1
    generation: int = 1
    observed_generation: int = 0
    serial: int = 0
    latest_created: str = ""
    newest_ready: str = ""
    shown_ready: str = ""
    serving: tuple[Target, ...] = ()
    reconciling: bool = True
    routes_failure: Failure | None = None
    pending_operation: str = ""
    iam_policy: Json = msgspec.field(default_factory=dict)

    @property
    def etag(self) -> str:
        """The etag of this version."""
        return f'"{self.version}"'


class RevisionRecord(msgspec.Struct, frozen=True, kw_only=True, tag="revision"):
    """A revision: an immutable template with its state.

    Attributes:
        serial: order of creation within the service.
        template: ``RevisionTemplate`` with defaults.
    """

    name: str
    uid: str
    template: Json
    serial: int
    generation: int
    create_time: str
    transition_time: str
    phase: Phase = Phase.PENDING
    failure: Failure | None = None


class OperationRecord(msgspec.Struct, frozen=True, kw_only=True, tag="operation"):
    """A long-running operation.

    Attributes:
        target: full name of the resource that it changes.
        kind: create, update, delete or delete-revision.
        response: the resource when it ended well.
    """

    name: str
    target: str
    kind: str
    create_time: str
    done: bool = False
    error: Failure | None = None
    response: Json | None = None
    metadata: Json = msgspec.field(default_factory=dict)


Record = ServiceRecord | RevisionRecord | OperationRecord
R = TypeVar("R", ServiceRecord, OperationRecord)


class Change(msgspec.Struct, frozen=True):
    """What a transition does to the state: one atomic step."""

    puts: tuple[Record, ...] = ()
    drops: tuple[str, ...] = ()

    def __add__(self, other: "Change") -> "Change":
        return Change(self.puts + other.puts, self.drops + other.drops)


class State(msgspec.Struct, frozen=True):
    """Every record by its full name."""

    records: dict[str, Record] = msgspec.field(default_factory=dict)

    def apply(self, change: Change) -> "State":
        """Return the state after a change."""
        records = {**self.records, **{record.name: record for record in change.puts}}
        for name in change.drops:
            records.pop(name, None)
        return State(records)

    def service(self, name: str) -> ServiceRecord | None:
        """Return a service by its full name."""
        found = self.records.get(name)
        return found if isinstance(found, ServiceRecord) else None

    def revision(self, service: str, short_name: str) -> RevisionRecord | None:
        """Return a revision of a service by its short name."""
        found = self.records.get(f"{service}/revisions/{short_name}")
        return found if isinstance(found, RevisionRecord) else None

    def operation(self, name: str) -> OperationRecord | None:
        """Return an operation by its full name."""
        found = self.records.get(name)
        return found if isinstance(found, OperationRecord) else None

    def services(self, parent: str = "") -> list[ServiceRecord]:
        """Return the services below a location, ordered by name."""
        return _ordered(
            record
            for record in self.records.values()
            if isinstance(record, ServiceRecord) and record.name.startswith(parent)
        )

    def revisions(self, service: str = "") -> list[RevisionRecord]:
        """Return a service's revisions, newest first (ListRevisions sorts so)."""
        prefix = f"{service}/revisions/" if service else ""
        found = [
            record
            for record in self.records.values()
            if isinstance(record, RevisionRecord) and record.name.startswith(prefix)
        ]
        return sorted(found, key=lambda record: (-record.serial, record.name))

    def operations(self, parent: str = "") -> list[OperationRecord]:
        """Return the operations below a location, ordered by name."""
        return _ordered(
            record
            for record in self.records.values()
            if isinstance(record, OperationRecord) and record.name.startswith(parent)
        )


def _ordered(records: Iterable[R]) -> list[R]:
    return sorted(records, key=lambda record: record.name)
