"""The operations API without Valkey: a clear 503, not an internal error."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from netra_backend.app.operations import router as operations
from netra_backend.app.operations.board import InstanceBoard
from netra_backend.app.operations.monitoring import MonitoringReports
from netra_backend.app.releases import router as releases
from netra_backend.app.releases.store import EpochStore
from netra_ops.services.loopback import free_port
from netra_shared.auth.bearer import operator_claims
from netra_shared.auth.tokens import Claims
from netra_shared.http.problem import install_problem_handlers


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/operations/monitoring", None),
        ("GET", "/api/operations/release", None),
        ("PUT", "/api/operations/release", {"release": "r1"}),
    ],
)
async def test_an_outage_of_valkey_is_503(method: str, path: str, body: object) -> None:
    client = Redis(host="127.0.0.1", port=free_port(), retry=Retry(NoBackoff(), 0))
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(operations.router)
    app.include_router(releases.router)
    app.state.monitoring = MonitoringReports(client, ttl_seconds=60)
    app.state.release_epoch = EpochStore(client, ttl_seconds=60)
    app.state.instance_board = InstanceBoard(client, lease_seconds=10, max_instances=10)
    app.dependency_overrides[operator_claims] = lambda: Claims(
        sub=uuid4(), sid=uuid4(), jti="j", roles=("operator",), iat=0, exp=1
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://netra") as http:
        answer = await http.request(method, path, json=body)
    await client.aclose()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
