"""Builds the operations feed of one instance from its components."""

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import Histogram
from pydantic import JsonValue
from redis.asyncio import Redis

from netra_backend.app.operations.board import InstanceBoard
from netra_backend.app.operations.feed import OperationsFeed
from netra_backend.app.operations.instance import InstanceReadings, InstanceView
from netra_backend.app.operations.monitoring import MonitoringReports
from netra_backend.app.operations.quantiles import Buckets
from netra_backend.app.operations.settings import OperationsSettings
from netra_backend.app.websocket_core.metrics import COMMAND_SECONDS, HANDSHAKE_SECONDS
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_backend.app.worker.client import RemoteRuns
from netra_shared.health.health_json import Identity
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.snapshot import Snapshot
from netra_shared.runtime.late_imports import late_imports
from netra_shared.runtime.recent_errors import MAX_ERRORS, recent_errors


def build_operations_feed(
    client: Redis,
    identity: Identity,
    settings: OperationsSettings,
    *,
    readiness: Callable[[], ReadinessMonitor],
    gateway: Callable[[], SocketGateway],
    runs: RemoteRuns,
    reports: MonitoringReports,
    release: str = "",
) -> OperationsFeed:
    """Return the feed of this instance; it reads its sources only after its start.

    Args:
        client: Valkey; owned by the caller.
        identity: names this instance.
        settings: period, deadlines and limits.
        readiness: returns the monitor, which is built after the feed.
        gateway: returns the gateway, which is built after the feed and uses it.
        runs: the runs of this instance.
        reports: what tools outside of the platform reported.
        release: id of the release that this instance belongs to.
    """
    readings = InstanceReadings(
        readiness=lambda: _readiness(readiness().snapshot()),
        connections=lambda: gateway().connections(recent=0),
        runs=runs.overview,
        streams=lambda: gateway().depths(),
        errors=lambda: _newest(recent_errors.latest(), runs.errors()),
        late_imports=lambda: late_imports.total,
        latencies={
            "handshake": lambda: _buckets(HANDSHAKE_SECONDS),
            "command": lambda: _buckets(COMMAND_SECONDS),
        },
    )
    view = InstanceView(
        {
            "instanceId": identity.instance,
            "service": identity.service,
            "revision": identity.revision or None,
            "release": release or None,
        },
        readings,
        window_seconds=settings.window_seconds,
        history=settings.history,
    )
    board = InstanceBoard(
        client, lease_seconds=settings.lease_seconds, max_instances=settings.max_instances
    )
    return OperationsFeed(identity.instance, view, board, reports, settings)


def _readiness(snapshot: Snapshot) -> Mapping[str, JsonValue]:
    checks: list[JsonValue] = []
    for view in snapshot.checks:
        last = view.state.last
        checks.append(
            {
                "name": view.check.name,
                "status": view.status.value,
                "critical": view.check.is_critical,
                "reason": view.reason,
                "elapsedMs": None if last is None else round(last.elapsed_seconds * 1000, 1),
                "attempts": None if last is None else last.attempts,
            }
        )
    return {"status": snapshot.status.value, "reasons": list(snapshot.reasons), "checks": checks}


def _newest(*errors: list[JsonValue]) -> list[JsonValue]:
    """Return the errors of both processes, newest first, at most ``MAX_ERRORS``."""
    together: list[Any] = [one for some in errors for one in some]
    return sorted(together, key=lambda one: str(one["at"]), reverse=True)[:MAX_ERRORS]


def _buckets(histogram: Histogram) -> Buckets:
    """Return the histogram's cumulative buckets, summed over its labels."""
    totals: dict[float, float] = {}
    for metric in histogram.collect():
        for sample in metric.samples:
            if sample.name.endswith("_bucket"):
                bound = float(sample.labels["le"])
                totals[bound] = totals.get(bound, 0.0) + sample.value
    return sorted(totals.items())
