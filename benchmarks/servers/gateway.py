"""The gateway itself: its door, handshake, sessions, streams and a real Valkey.

Left out is what no peer has and no figure here concerns: PostgreSQL, agents, REST. A run
publishes as many events as its message asks for, through the production publisher: placed in the
thread's stream by Valkey, fanned out to every subscriber of every instance.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import msgspec
from fastapi import FastAPI
from pydantic import JsonValue, SecretStr

from benchmarks.servers.fan_out import stamped
from benchmarks.servers.tokens import AUDIENCE, ISSUER, SECRET
from netra_backend.app.runs.run_spec import ResumeRun, StartedRun, StartRun
from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.streams.publisher import StreamPublisher
from netra_backend.app.websocket_core.commands.connection import InstanceIdentity
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.ports import GatewayPorts
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_backend.app.websocket_core.socket_router import SocketRouter
from netra_shared.auth.tokens import Claims, TokenVerifier
from netra_shared.errors import NotFound
from netra_shared.http.server import serve
from netra_shared.logging import configure_logging
from netra_shared.settings import ServiceSettings
from netra_shared.stores.valkey import create_valkey
from netra_shared.telemetry import configure_telemetry

# Out of the way of a load test; every bound stays in force.
LIMITS = SocketLimits(
    max_connections=20_000,
    max_connections_per_user=20_000,
    commands_per_second=1e9,
    command_burst=1_000_000_000,
    inbound_frames_per_second=1e9,
    inbound_frame_burst=1_000_000_000,
    inbound_bytes_per_second=1e12,
    inbound_byte_burst=1_000_000_000_000,
    admission_per_second=1e6,
    admission_burst=1_000_000,
    stream_max_bytes=64 * 1024 * 1024,
    stream_ended_bytes=64 * 1024 * 1024,  # the work `resume` reads streams of ended runs
)


class Rooms:
    """Threads that everyone may see, and runs that publish stamped events."""

    def __init__(self, publisher: StreamPublisher) -> None:
        self._publisher = publisher
        self._tasks: set[asyncio.Task[None]] = set()

    async def may_access(self, *, user_id: UUID, thread_id: UUID) -> bool:
        """Allow."""
        return True

    async def active_run(self, thread_id: UUID) -> UUID | None:
        """Know of none."""
        return None

    async def start(self, command: StartRun) -> StartedRun:
        """Publish what ``content`` asks for: ``{"events": n, "every": ms}``."""
        run_id = uuid4()
        order = msgspec.json.decode(command.content)
        task = asyncio.create_task(self._publish(command.thread_id, run_id, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return StartedRun(run_id, command.thread_id, command.message_id)

    async def resume(self, command: ResumeRun) -> StartedRun:
        """Refuse: nothing here asks for an approval."""
        raise NotFound("No run of this thread waits for an answer.")

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """Nothing runs that could be stopped."""
        return "finished"

    async def watch(self, push: object) -> Mapping[str, JsonValue]:
        """Show nothing."""
        return {}

    def unwatch(self, push: object) -> None:
        """Show nothing."""

    async def _publish(self, thread_id: UUID, run_id: UUID, order: dict[str, int]) -> None:
        for number in range(order["events"]):
            if order["every"]:
                await asyncio.sleep(order["every"] / 1000)
            await self._publisher.publish(
                thread_id=thread_id,
                run_id=run_id,
                event=stamped().encode(),
                terminal=number == order["events"] - 1,
            )


def build_app(settings: ServiceSettings) -> SocketRouter:
    """Return the gateway behind its door, as in the backend."""
    client = create_valkey(settings, name="bench")
    streams = EventStreams(client, LIMITS, encode=event_frame)
    rooms = Rooms(streams.publisher)
    verifier = TokenVerifier(
        issuer=os.environ[ISSUER],
        audience=os.environ[AUDIENCE],
        shared_secret=os.environ[SECRET],
    )
    gateway = SocketGateway(
        limits=LIMITS,
        streams=streams,
        client=client,
        verifier=verifier,
        ports=GatewayPorts(rooms, rooms, rooms),
        allowed_origins=(),
        identity=InstanceIdentity(f"bench-{os.getpid()}"),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        yield
        await gateway.drain()
        await gateway.stop()
        await client.aclose()

    app = FastAPI(lifespan=lifespan)
    return SocketRouter(app, gateway.handler, trusted=settings.trusted_proxies)


if __name__ == "__main__":
    settings = ServiceSettings(
        environment="test",
        host="127.0.0.1",
        port=int(sys.argv[1]),
        database_url=SecretStr("postgresql://nobody@127.0.0.1/none"),  # never opened
        redis_url=SecretStr(os.environ["BENCH_VALKEY"]),
    )
    configure_logging(settings, service="bench")
    configure_telemetry("bench")
    serve(build_app(settings), settings, **websocket_server_options(LIMITS))
