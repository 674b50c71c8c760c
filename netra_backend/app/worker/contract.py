"""What the gateway and the agent process ask each other. Field types are the wire's types.

A body is encoded once more than it is typed: what the rooms hand over unchanged (claims, AG-UI
entries, documents) stays what it is.
"""

from typing import Any, Final
from uuid import UUID

import msgspec

from netra_backend.app.runs.run_spec import OnBusy
from netra_shared.auth.tokens import Claims

# The agent process does:
START: Final = "start"
RESUME: Final = "resume"
CANCEL: Final = "cancel"
CANCEL_OLDER: Final = "cancel_older"
STATUS: Final = "status"
METRICS: Final = "metrics"
STOP: Final = "stop"

# The gateway does:
SERVING: Final = "serving"
PUBLISH: Final = "publish"
PUBLISHED: Final = "published"
READINESS: Final = "readiness"
CONNECTIONS: Final = "connections"
STOP_RUNS: Final = "stop_runs"
EXPLAIN_CODE: Final = "explain_code"
SEARCH_RUNBOOK: Final = "search_runbook"

PAGE_BYTES: Final = 2_097_152  # of events in one answer; with the largest event far below a frame


class Nothing(msgspec.Struct, frozen=True):
    """No argument, or no answer."""


class StartRun(msgspec.Struct, frozen=True):
    """See ``RunService.start``. ``content`` may hold access tokens: it is never logged."""

    user: Claims
    thread_id: UUID
    command_id: UUID
    message_id: UUID
    content: str
    on_busy: OnBusy


class ResumeRun(msgspec.Struct, frozen=True):
    """See ``RunService.resume``."""

    user: Claims
    thread_id: UUID
    command_id: UUID
    answers: list[dict[str, Any]]


class CancelRun(msgspec.Struct, frozen=True):
    """See ``RunService.cancel``."""

    user: Claims
    run_id: UUID


class Older(msgspec.Struct, frozen=True):
    """See ``RunService.cancel_older``."""

    than_seconds: float


class Status(msgspec.Struct, frozen=True):
    """How the agent process is: ``late_imports`` are (module, importer, count)."""

    problem: str | None
    overview: dict[str, Any]
    late_imports: list[tuple[str, str, int]]
    errors: list[Any]


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One value of a metric."""

    name: str
    labels: dict[str, str]
    value: float


class Family(msgspec.Struct, frozen=True, array_like=True):
    """A metric with all its values."""

    name: str
    documentation: str
    type: str
    samples: list[Sample]


class Serving(msgspec.Struct, frozen=True):
    """The agent process takes commands. ``owner`` names it as the owner of leases."""

    owner: str
    modules: int
    preload_seconds: float
    resident_bytes: int


class Event(msgspec.Struct, frozen=True, array_like=True):
    """See ``RunEventPublisher.publish``."""

    thread_id: UUID
    run_id: UUID
    event: bytes
    terminal: bool


class Recall(msgspec.Struct, frozen=True):
    """See ``RunEventPublisher.published``; from the event with the number ``first`` on."""

    thread_id: UUID
    run_id: UUID
    first: int


class Recalled(msgspec.Struct, frozen=True):
    """Events in order; ``more`` tells that others follow."""

    events: list[bytes]
    more: bool


class Text(msgspec.Struct, frozen=True):
    """One text, such as a code or a query."""

    text: str
