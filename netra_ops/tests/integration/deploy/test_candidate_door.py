"""A deploy that verifies through the candidate door of the staging stack, on the real edge."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from netra_ops.deploy.target import CANDIDATE_URL_VARIABLE, DOOR_HEADER, DOOR_KEY_VARIABLE
from netra_ops.edge.local import LocalEdge
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.stack.edge_server import edge_server
from netra_ops.stack.paths import StackPaths
from netra_ops.tests.integration.deploy.small_cloud import DEADLINE, SmallCloud

STOP_SECONDS = 5.0
KEY = secrets.token_hex(32)


@pytest.fixture
async def edge(cloud: SmallCloud, edge_folder: Path) -> AsyncIterator[int]:
    """The real Envoy with the routes of the staging stack; yields its port."""
    ports = {tag: free_port() for tag in ("candidate", "stable")}
    for tag, port in ports.items():
        cloud.local("PUT", f"negs/{cloud.service}?tag={tag}", {"port": port})
    paths = StackPaths(edge_folder)
    paths.create()
    backend = int(cloud.url.rpartition(":")[2])
    described = LocalEdge(
        port=free_port(),
        addresses=(LOOPBACK,),
        auth_port=backend,  # the small service is its own identity service
        backend_port=backend,
        directory=paths.edge_configuration,
        candidate_key=KEY,
        candidate_ports=ports,
    )
    server = edge_server(lambda: described, paths)
    await server.start()
    yield described.port
    await server.stop(STOP_SECONDS)


async def test_a_candidate_is_verified_through_its_door_and_no_one_else_passes(
    cloud: SmallCloud, edge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CANDIDATE_URL_VARIABLE, f"http://{{tag}}.localhost:{edge}")
    monkeypatch.setenv(DOOR_KEY_VARIABLE, KEY)
    cloud.url = f"http://{LOOPBACK}:{edge}"

    with cloud.deploying(cloud.image("v2")) as deployer:
        await asyncio.to_thread(deployer.wait_for, "shift 50")
        headers = {"Host": "candidate.localhost"}
        async with httpx.AsyncClient(base_url=cloud.url, timeout=DEADLINE) as http:
            closed = await http.get("/health", headers=headers)
            wrong = await http.get("/health", headers=headers | {DOOR_HEADER: "x" * 64})
            passed = await http.get("/health", headers=headers | {DOOR_HEADER: KEY})
        assert (closed.status_code, wrong.status_code) == (403, 403)
        assert passed.json()["build"] == "v2"
        status = await asyncio.to_thread(deployer.finish)

    assert status == 0
    assert cloud.build_at() == "v2"
