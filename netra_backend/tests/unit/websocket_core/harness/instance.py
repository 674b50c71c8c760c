"""One gateway instance in this process, on a real port, served by uvicorn as in production."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import uvicorn
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette

from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.websocket_core.commands.connection import InstanceIdentity
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.ports import GatewayPorts
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_backend.app.websocket_core.socket_router import SocketRouter
from netra_backend.app.websocket_core.socket_routes import build_socket_routes
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.rooms import MemoryOwners, MemoryRooms
from netra_backend.tests.unit.websocket_core.harness.waiting import until

ORIGIN = "https://app.example.com"


def valkey_client(url: str) -> Redis:
    """A client with production's behaviour: short deadlines, no retries of its own."""
    return Redis.from_url(
        url,
        socket_connect_timeout=1.0,
        socket_timeout=2.0,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 0),
    )


@dataclass
class Instance:
    """A running gateway with everything a test wants to look at."""

    url: str
    limits: SocketLimits
    gateway: SocketGateway
    streams: EventStreams
    rooms: MemoryRooms
    client: Redis

    def user(self) -> tuple[UUID, str]:
        user_id = uuid4()
        return user_id, tokens.issue(user_id)


@asynccontextmanager
async def running(
    valkey_url: str, limits: SocketLimits | None = None, *, owners: dict[UUID, UUID] | None = None
) -> AsyncIterator[Instance]:
    async with serving(valkey_client(valkey_url), limits, owners=owners) as instance:
        yield instance


@asynccontextmanager
async def serving(
    client: Redis, limits: SocketLimits | None = None, *, owners: dict[UUID, UUID] | None = None
) -> AsyncIterator[Instance]:
    limits = limits or SocketLimits()
    owners = owners if owners is not None else {}
    streams = EventStreams(client, limits, encode=event_frame, owners=MemoryOwners(owners))
    rooms = MemoryRooms(streams.publisher, owners=owners)
    gateway = SocketGateway(
        limits=limits,
        streams=streams,
        client=client,
        verifier=tokens.verifier(),
        ports=GatewayPorts(rooms, rooms, rooms),
        allowed_origins=[ORIGIN],
        identity=InstanceIdentity(f"test-{uuid4().hex[:8]}"),
    )
    routes = Starlette(routes=build_socket_routes(gateway))
    app = SocketRouter(routes, gateway.handler, trusted=())
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
            **websocket_server_options(limits),
        )
    )
    await gateway.start()
    # Signals belong to the test process, so the server's own handling of them stays out.
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Instance(f"ws://127.0.0.1:{port}/ws", limits, gateway, streams, rooms, client)
    finally:
        await rooms.finish()
        server.should_exit = True
        await task
        await gateway.stop()
        await client.aclose()
