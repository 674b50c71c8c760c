"""The methods of the gateway and of the agent process, and their bodies."""

from typing import Any, Final
from uuid import UUID

import msgspec

from netra_shared.auth.tokens import Claims

# Methods of the agent process:
START: Final = "start"
RESUME: Final = "resume"
CANCEL: Final = "cancel"
CANCEL_OLDER: Final = "cancel_older"
STATUS: Final = "status"
METRICS: Final = "metrics"
STOP: Final = "stop"

# Methods of the gateway:
SERVING: Final = "serving"
PUBLISH: Final = "publish"
PUBLISHED: Final = "published"
RESTART_STREAM: Final = "restart_stream"
READINESS: Final = "readiness"
CONNECTIONS: Final = "connections"
STOP_RUNS: Final = "stop_runs"
EXPLAIN_CODE: Final = "explain_code"
SEARCH_RUNBOOK: Final = "search_runbook"

PAGE_BYTES: Final = 2_097_152  # of events in one answer; far below the frame limit


class Nothing(msgspec.Struct, frozen=True):
    """No argument, or no answer."""


class CancelRun(msgspec.Struct, frozen=True):
    """See ``RunService.cancel``."""

    user: Claims
    run_id: UUID


class Older(msgspec.Struct, frozen=True):
    """See ``RunService.cancel_older``."""

    than_seconds: float


class Status(msgspec.Struct, frozen=True):
    """State of the agent process; ``late_imports`` are (module, importer, count)."""

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
    """The agent process accepts commands and owns leases under the name ``owner``."""

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


class ReadPublished(msgspec.Struct, frozen=True):
    """See ``RunEventPublisher.published``; starting at the event with index ``first``."""

    thread_id: UUID
    run_id: UUID
    first: int


class PublishedPage(msgspec.Struct, frozen=True):
    """Events in order; ``more`` is true when others follow; ``lost`` when the stream lacks some."""

    events: list[bytes]
    more: bool
    lost: bool = False


class RestartStream(msgspec.Struct, frozen=True):
    """See ``RunEventPublisher.restart``."""

    thread_id: UUID
    run_id: UUID


class Text(msgspec.Struct, frozen=True):
    """One text, such as a code or a query."""

    text: str
