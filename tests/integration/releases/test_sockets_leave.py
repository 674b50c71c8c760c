"""Sockets leave the instances of a former release, with real processes and clients."""

import asyncio

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.fixtures.services import MakeToken, StartBackend
from test_framework.real_services import require_docker_services

SOCKETS = 40
EVERY_SOCKET_LEFT_SECONDS = 10.0
SERVICE_RESTART = 1012


async def opened(server: HttpServer, token: str) -> ClientConnection:
    socket = await connect(
        f"ws://{LOOPBACK}:{server.port}/ws",
        subprotocols=[Subprotocol("jwt-auth"), Subprotocol(f"jwt.{token}")],
    )
    client = {"name": "test", "version": "1"}
    await socket.send(
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":'
        f'{{"protocolVersion":1,"client":{str(client).replace(chr(39), chr(34))}}}}}'
    )
    await socket.recv()
    return socket


async def closed(socket: ClientConnection) -> int:
    try:
        async for _ in socket:
            continue
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else 1006
    return socket.close_code or 1006


async def declare(server: HttpServer, token: str, release: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{server.port}") as http:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"release": release, "mode": "pace", "per_second": 100}
        return await http.put("/api/operations/release", json=body, headers=headers)


@require_docker_services()
async def test_every_socket_leaves_the_former_release_and_later_ones_stay(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    former = await start_backend(NETRA_RELEASE="r1")
    newer = await start_backend(NETRA_RELEASE="r2")
    sockets = [await opened(former, make_token()) for _ in range(SOCKETS)]
    stays = await opened(newer, make_token())

    answer = await declare(newer, make_token("operator"), "r2")
    async with asyncio.timeout(EVERY_SOCKET_LEFT_SECONDS):
        codes = await asyncio.gather(*(closed(socket) for socket in sockets))

    assert answer.status_code == httpx.codes.OK
    assert set(codes) == {SERVICE_RESTART}
    late = await opened(former, make_token())
    for socket in (late, stays):  # each would have got its notification by now
        await (await socket.ping())
        await socket.close()


@require_docker_services()
async def test_only_operators_declare_a_release(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    backend = await start_backend(NETRA_RELEASE="r1")

    assert (await declare(backend, make_token(), "r2")).status_code == httpx.codes.FORBIDDEN


@require_docker_services()
async def test_the_view_counts_sockets_by_release(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    backend = await start_backend(NETRA_RELEASE="r1", OPERATIONS__PERIOD_SECONDS="0.1")
    socket = await opened(backend, make_token())
    operator = make_token("operator")

    async with asyncio.timeout(EVERY_SOCKET_LEFT_SECONDS):
        while True:
            view = (await declare(backend, operator, "r1")).json()
            if view["instances"] and view["instances"][0]["sockets"] == 1:
                break
            await asyncio.sleep(0.05)
    await socket.close()

    assert view["release"] == "r1"
    assert view["instances"][0]["release"] == "r1"
