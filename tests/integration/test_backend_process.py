"""The composed backend as a process: start-up report, a run without late imports, drain."""

import json
import signal

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from netra_client import FixedToken, NetraClient
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.fixtures.services import END_SECONDS, MakeToken
from test_framework.log_records import log_records

pytestmark = pytest.mark.mission_critical

SECONDS = 30.0


def address(backend: HttpServer) -> str:
    return f"http://{LOOPBACK}:{backend.port}"


def open_socket(backend: HttpServer, token: str) -> connect:
    return connect(
        f"ws://{LOOPBACK}:{backend.port}/ws",
        subprotocols=[Subprotocol("jwt-auth"), Subprotocol(f"jwt.{token}")],
    )


async def test_start_up_is_written_as_ordered_timed_steps(
    backend: HttpServer, make_token: MakeToken
) -> None:
    async with httpx.AsyncClient(base_url=address(backend), timeout=SECONDS) as client:
        response = await client.get(
            "/health/startup?verbose=1",
            headers={"Authorization": f"Bearer {make_token('operator')}"},
        )
    report = response.json()["startup"]
    names = [step["name"] for step in report["steps"]]
    assert names == [
        "interpreter", "preload", "settings", "compose",
        "agent process", "token keys", "sockets", "readiness", "operations", "agents",
    ]  # fmt: skip
    # The last step runs in the background: agents may still be importing.
    assert all(step["state"] == "done" for step in report["steps"][:-1])
    started = [step["startedAtSeconds"] for step in report["steps"]]
    assert started == sorted(started)
    preload = report["steps"][1]
    assert preload["elapsedSeconds"] == pytest.approx(report["preload"]["seconds"], abs=0.001)
    assert preload["elapsedSeconds"] > 0.1  # relative to the process start, not to `create_app`
    assert report["preload"]["modules"] > 100
    assert len(report["preload"]["slowest"]) == 10


async def test_a_whole_conversation_and_its_end_import_nothing(
    backend: HttpServer, make_token: MakeToken
) -> None:
    async with NetraClient(address(backend), FixedToken(make_token("operator"))) as client:
        thread = await client.threads.create()
        for question in ("Is the platform healthy?", "What is 4413?", "Who is connected?"):
            async for _event in client.run(thread.id, question):
                pass
    async with httpx.AsyncClient(base_url=address(backend), timeout=SECONDS) as client:
        await client.get("/api/threads", headers={"Authorization": "Bearer nonsense"})
        await client.get("/no/such/page")
    await backend.stop(END_SECONDS)
    late = [record for record in log_records(backend) if record["message"] == "late import"]
    assert late == []
    stopped = [record for record in log_records(backend) if record["message"] == "backend stopped"]
    assert [record["late_imports"] for record in stopped] == [0]


async def test_sigterm_announces_the_drain_and_closes_with_1012(
    backend: HttpServer, make_token: MakeToken
) -> None:
    async with open_socket(backend, make_token()) as socket:
        await socket.send(
            json.dumps(
                {
                    "jsonrpc": "2.0",
                    "id": "1",
                    "method": "initialize",
                    "params": {"protocolVersion": 1, "client": {"name": "test", "version": "1"}},
                }
            )
        )
        assert "result" in json.loads(await socket.recv())
        backend.child.send(signal.SIGTERM)
        notice = json.loads(await socket.recv())
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert notice["method"] == "connection.draining"
    assert notice["params"]["reconnectAfterMs"] >= 0
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert await backend.child.wait(END_SECONDS) == 0


async def test_while_it_drains_it_is_unready_but_still_answers(
    backend: HttpServer, make_token: MakeToken
) -> None:
    async with (
        httpx.AsyncClient(base_url=address(backend), timeout=SECONDS) as http,
        open_socket(backend, make_token()) as socket,
    ):
        await http.get("/health")
        backend.child.send(signal.SIGTERM)
        assert json.loads(await socket.recv())["method"] == "connection.draining"
        ready = await http.get("/health/ready")
        assert ready.status_code == 503
        assert "retry-after" in ready.headers
