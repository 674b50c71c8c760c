"""Traffic between revisions, limits, and updates that go wrong."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from netra_cloud.edge.render import Rendering
from netra_cloud.errors import UpdateRejected
from netra_cloud.tests.integration.edge.conftest import Behind
from netra_cloud.tests.integration.edge.harness import (
    DEADLINE,
    HOST,
    RunningEdge,
    received,
    running_edge,
)
from netra_cloud.tests.unit.edge.stack import stack_objects


async def _served_by(edge: RunningEdge, count: int = 1, **headers: str) -> list[str]:
    async with httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client:
        answers = [
            await client.get("/api/x", headers={"host": HOST, **headers}) for _ in range(count)
        ]
    return [received(answer.text)[0]["service"] for answer in answers]


async def test_a_shift_moves_new_requests_and_leaves_open_sockets(
    edge: RunningEdge, behind: type[Behind]
) -> None:
    async with connect(edge.socket_url) as socket:
        await socket.recv()
        for percent in (10, 50, 100):
            await edge.shift(behind.targets(percent))
            await socket.send("still")
            assert await asyncio.wait_for(socket.recv(), DEADLINE) == "b-1:still"
        assert await _served_by(edge, 5) == ["b-2"] * 5
        async with connect(edge.socket_url) as later:
            assert received(await later.recv())[0]["service"] == "b-2"
        await socket.send("to the end")
        assert await asyncio.wait_for(socket.recv(), DEADLINE) == "b-1:to the end"


async def test_a_split_is_kept(edge: RunningEdge, behind: type[Behind]) -> None:
    await edge.shift(behind.targets(50))
    served = await _served_by(edge, 200)
    assert 60 < served.count("b-2") < 140  # 10 standard deviations around 100: never by chance


async def test_the_cookie_keeps_a_client_on_its_revision(
    edge: RunningEdge, behind: type[Behind]
) -> None:
    await edge.shift(behind.targets(0, affinity=True))
    async with connect(edge.socket_url) as socket:
        assert socket.response is not None
        cookie = socket.response.headers["set-cookie"]
    assert cookie.startswith("GAESA=b-1; Max-Age=2592000")
    await edge.shift(behind.targets(99, affinity=True))
    assert await _served_by(edge, 9, cookie="x=1; GAESA=b-1") == ["b-1"] * 9
    # A cookie does not hold a client on a revision without traffic.
    await edge.shift(behind.targets(100, affinity=True))
    assert await _served_by(edge, 3, cookie="x=1; GAESA=b-1") == ["b-2"] * 3
    assert await _served_by(edge, 3) == ["b-2"] * 3
    assert await _served_by(edge, 3, cookie="GAESA=retired") == ["b-2"] * 3


def _broken(rendering: Rendering) -> Rendering:
    routes: dict[str, Any] = copy.deepcopy(dict(rendering.routes))
    for configuration in routes.values():
        configuration["virtual_hostz"] = configuration.pop("virtual_hosts")
    return Rendering(rendering.bootstrap, routes, rendering.clusters, ())


async def test_a_bad_update_is_refused_and_the_routes_stay(
    edge: RunningEdge, behind: type[Behind]
) -> None:
    with pytest.raises(UpdateRejected, match=r"routes-netra-https-staging[.]json"):
        await edge.xds.update(_broken(edge.make(behind.targets(100))))
    assert "virtual_hostz" in edge.log.read_text()
    assert await _served_by(edge, 3) == ["b-1"] * 3
    await edge.shift(behind.targets(100))
    assert await _served_by(edge, 3) == ["b-2"] * 3


# integrity: allow must-assert: shift() raises when no confirmation comes
async def test_an_update_to_the_same_state_is_confirmed_immediately(
    edge: RunningEdge, behind: type[Behind]
) -> None:
    await edge.shift(behind.targets())
    await edge.shift(behind.targets())


async def test_cloud_runs_timeout_cuts_a_busy_socket(
    edge_directory: Path, behind: type[Behind]
) -> None:
    async with (
        running_edge(edge_directory, behind.targets(timeout_seconds=2)) as edge,
        connect(edge.socket_url, ping_interval=None) as socket,
    ):

        async def chat() -> None:
            await socket.recv()  # what it was asked; it may be cut here already
            while True:
                await socket.send("busy")
                await socket.recv()

        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(chat(), DEADLINE)
    assert closed.value.rcvd is None  # no close frame: the client sees 1006


async def test_one_client_is_limited_and_only_on_the_limited_path(
    edge_directory: Path, behind: type[Behind]
) -> None:
    async with (
        running_edge(edge_directory, behind.targets(), sign_in_per_minute=3) as edge,
        httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client,
    ):
        statuses = [
            (await client.get("/api/auth/login", headers={"host": HOST})).status_code
            for _ in range(5)
        ]
        other = await client.get("/api/auth/me", headers={"host": HOST})
    assert statuses == [200, 200, 200, 429, 429]
    assert other.status_code == httpx.codes.OK


async def test_a_dead_instance_is_503_and_the_edge_lives_on(
    edge: RunningEdge, behind: type[Behind]
) -> None:
    behind.ports = {**behind.ports, "b-1": 9}  # the discard port: nothing listens there
    await edge.shift(behind.targets())
    async with httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client:
        answer = await client.get("/api/x", headers={"host": HOST})
        page = await client.get("/", headers={"host": HOST})
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert page.text == "frontend\n"


async def test_an_allowed_path_before_a_denied_range(
    edge_directory: Path, behind: type[Behind]
) -> None:
    objects = copy.deepcopy(stack_objects())
    ours, path = "127.0.0.0/8", "request.path == '/api/open'"
    objects.put(
        "securityPolicies",
        {
            "name": "netra-api-staging",
            "rules": [
                {"priority": 1, "action": "allow", "match": {"expr": {"expression": path}}},
                {
                    "priority": 2,
                    "action": "deny(403)",
                    "match": {"config": {"srcIpRanges": ["192.0.2.0/24", ours]}},
                },
            ],
        },
    )
    async with (
        running_edge(edge_directory, behind.targets(), objects) as edge,
        httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE, headers={"host": HOST}) as client,
    ):
        statuses = [(await client.get(p)).status_code for p in ("/api/open", "/api/x", "/")]
    assert statuses == [200, 403, 200]
