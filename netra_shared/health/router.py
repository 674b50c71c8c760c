"""``/health``, ``/health/startup`` and ``/health/ready``, answered from memory."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from netra_shared.health.access import refusal_of_details
from netra_shared.health.health_json import HEALTH_TYPE, Identity, JsonObject, detailed, terse
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.snapshot import HealthStatus

# Seconds; about two refreshes of a failing instance. An earlier retry would get the same snapshot.
RETRY_AFTER_SECONDS = 1

# Probes must reach the instance, not a cache; the last two are for HTTP/1.0 intermediaries.
_NEVER_CACHED = {"Cache-Control": "no-store, max-age=0", "Pragma": "no-cache", "Expires": "0"}

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"type": "string", "enum": [status.value for status in HealthStatus]},
        "version": {"type": "string"},
        "serviceId": {"type": "string"},
        "instanceId": {"type": "string"},
        "releaseId": {"type": "string"},
        "output": {"type": "string"},
        "notes": {"type": "array", "items": {"type": "string"}},
        "checks": {"type": "object"},
    },
}


def _responses(unready: str | None) -> dict[int | str, dict[str, Any]]:
    content = {"content": {HEALTH_TYPE: {"schema": _SCHEMA}}}
    described: dict[int | str, dict[str, Any]] = {200: {"description": "Serves.", **content}}
    if unready:
        described[503] = {"description": unready, **content}
    return described


def health_router(identity: Identity) -> APIRouter:
    """Return the health routes of one service.

    They read ``app.state.readiness`` (a ``ReadinessMonitor``), ``app.state.token_verifier`` (a
    ``TokenVerifier``, may be absent) and ``app.state.startup_report`` (a callable returning a
    JSON object for ``/health/startup?verbose=1``, may be absent) at each request.
    """
    router = APIRouter(tags=["health"])

    async def alive() -> Response:
        """Report that the process answers; for the liveness probe. Asks no dependency."""
        return _respond(HealthStatus.PASS, terse(HealthStatus.PASS, identity))

    async def startup(request: Request) -> Response:
        """Report whether the instance has been ready once; never returns to 503."""
        taken = _monitor(request).snapshot()
        status = HealthStatus.PASS if taken.admitted else HealthStatus.FAIL
        document = terse(status, identity)
        if _verbose(request):
            note = await _refusal(request)
            if note:
                document["notes"] = [note]
            else:
                document |= detailed(taken, identity) | {"status": status.value}
                document |= _startup_report(request)
        return _respond(status, document)

    async def ready(request: Request) -> Response:
        """Report whether the instance may receive traffic: pass, warn (degraded) or fail (503)."""
        taken = _monitor(request).snapshot()
        document = terse(taken.status, identity)
        if _verbose(request):
            note = await _refusal(request)
            if note:
                document["notes"] = [note]
            else:
                document = detailed(taken, identity)
        return _respond(taken.status, document)

    for path, endpoint, unready in (
        ("/health", alive, None),
        ("/health/startup", startup, "The instance has not been ready yet."),
        ("/health/ready", ready, "The instance must not receive traffic."),
    ):
        route: dict[str, Any] = {"endpoint": endpoint, "responses": _responses(unready)}
        router.add_api_route(path, methods=["GET"], response_class=Response, **route)
        # A separate route: one route with two methods would have two operations with one id.
        router.add_api_route(path, methods=["HEAD"], include_in_schema=False, **route)
    return router


def _respond(status: HealthStatus, document: JsonObject) -> Response:
    headers = dict(_NEVER_CACHED)
    if not status.ready:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(
        json.dumps(document, separators=(",", ":"), ensure_ascii=False),
        status_code=200 if status.ready else 503,
        media_type=HEALTH_TYPE,
        headers=headers,
    )


def _verbose(request: Request) -> bool:
    return request.query_params.get("verbose", "").lower() in {"1", "true", "yes"}


def _monitor(request: Request) -> ReadinessMonitor:
    monitor: ReadinessMonitor = request.app.state.readiness
    return monitor


async def _refusal(request: Request) -> str:
    return await refusal_of_details(request, getattr(request.app.state, "token_verifier", None))


def _startup_report(request: Request) -> Mapping[str, JsonValue]:
    report = getattr(request.app.state, "startup_report", None)
    return {} if report is None else {"startup": report()}
