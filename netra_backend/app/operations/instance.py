"""One instance's view of itself, built from readings of other components. No I/O."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from netra_backend.app.operations.quantiles import Buckets, LatencyWindow

JsonObject = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class InstanceReadings:
    """The sources of the view; each is called once per period and must not wait.

    Args:
        readiness: ``status``, ``reasons`` and ``checks``.
        connections: counts by state and by close code.
        runs: the active runs.
        streams: sizes of feeds and queues.
        errors: the latest errors with their ids, newest first.
        late_imports: number of imports after start-up.
        latencies: histograms by name.
    """

    readiness: Callable[[], JsonObject]
    connections: Callable[[], JsonObject]
    runs: Callable[[], JsonObject]
    streams: Callable[[], JsonObject]
    errors: Callable[[], list[JsonValue]]
    late_imports: Callable[[], int]
    latencies: Mapping[str, Callable[[], Buckets]]


class InstanceView:
    """Describes this instance once per period.

    Args:
        identity: ``instanceId``, ``service`` and ``revision``.
        readings: the sources of the view.
        window_seconds: time span of the percentiles.
        history: number of readiness changes that are kept.
    """

    def __init__(
        self,
        identity: JsonObject,
        readings: InstanceReadings,
        *,
        window_seconds: float,
        history: int,
    ) -> None:
        self._identity = identity
        self._readings = readings
        self._window_seconds = window_seconds
        self._windows = {name: LatencyWindow(window_seconds) for name in readings.latencies}
        self._changes: deque[JsonValue] = deque(maxlen=history)
        self._status: JsonValue = None
        self._started_at = datetime.now(UTC)

    def take(self, *, now: float, at: datetime) -> dict[str, JsonValue]:
        """Return the view.

        Args:
            now: monotonic seconds, for the windows.
            at: the same moment in UTC.
        """
        readings = self._readings
        readiness = readings.readiness()
        moment = at.isoformat(timespec="milliseconds")
        if readiness["status"] != self._status:
            self._status = readiness["status"]
            self._changes.append(
                {"at": moment, "status": self._status, "reasons": readiness["reasons"]}
            )
        latency: dict[str, JsonValue] = {
            name: dict(self._windows[name].read(now, buckets()))
            for name, buckets in readings.latencies.items()
        }
        return {
            **self._identity,
            "at": moment,
            "startedAt": self._started_at.isoformat(timespec="milliseconds"),
            "readiness": {**readiness, "history": list(self._changes)},
            "connections": dict(readings.connections()),
            "latency": {"windowSeconds": self._window_seconds, **latency},
            "runs": dict(readings.runs()),
            "streams": dict(readings.streams()),
            "lateImports": readings.late_imports(),
            "errors": readings.errors(),
        }
