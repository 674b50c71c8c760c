"""A real Envoy with our configuration, and services behind it that return what they received."""

import asyncio
import contextlib
import importlib.util
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.listener import LocalListener, TlsFiles
from netra_cloud.edge.render import EdgeInput, Rendering, admin_socket, render
from netra_cloud.edge.run_target import Target
from netra_cloud.edge.xds import STRICT_ARGUMENTS, XdsDirectory
from netra_cloud.tests.unit.edge.stack import stack_objects

HOST = "chat.example"
DEADLINE = 60.0  # Envoy serves within 0.3 s of its start on a quiet machine


def free_port() -> int:
    """Return a port that the kernel chose and gives to no one else for the next minute.

    A connection that was ended from the port's side leaves it in TIME_WAIT; who names it and sets
    SO_REUSEADDR, as Envoy does, still gets it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        probe.listen(1)
        address = probe.getsockname()
        with socket.create_connection(address), probe.accept()[0] as ours:
            ours.shutdown(socket.SHUT_RDWR)
        return int(address[1])


def _facts(name: str, request: Request) -> str:
    pairs = [[key, value] for key, value in request.headers.raw_items()]
    return json.dumps({"service": name, "path": request.path, "headers": pairs})


@contextlib.asynccontextmanager
async def echo_service(name: str) -> AsyncIterator[int]:
    """Run a service that answers with what it received; a socket then echoes. Yield its port."""

    def on_request(connection: ServerConnection, request: Request) -> Response | None:
        if "upgrade" in request.headers:
            return None
        response = connection.respond(200, _facts(name, request))
        response.headers["Connection"] = "close"
        return response

    async def on_socket(connection: ServerConnection) -> None:
        assert connection.request is not None
        await connection.send(_facts(name, connection.request))
        async for message in connection:
            await connection.send(f"{name}:{message!s}")

    server: Server = await serve(
        on_socket,
        "127.0.0.1",
        0,
        process_request=on_request,
        select_subprotocol=lambda _, offered: "jwt-auth" if "jwt-auth" in offered else None,  # type: ignore[arg-type,return-value] # a Subprotocol is a str
        ping_interval=None,
    )
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@dataclass
class RunningEdge:
    """An Envoy that serves a rendering."""

    port: int
    xds: XdsDirectory
    log: Path
    make: Callable[[dict[str, Target]], Rendering]
    plain_port: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """The WebSocket address; the Host header must be given beside it."""
        return f"ws://127.0.0.1:{self.port}/ws"

    async def log_entries(self, count: int) -> list[dict[str, Any]]:
        """Return the access log once it has ``count`` entries."""
        async with asyncio.timeout(DEADLINE):
            while True:
                written = await asyncio.to_thread(self.log.read_text)
                lines = written.rpartition("\n")[0].splitlines()  # the last may be half there
                entries = [json.loads(line) for line in lines if line.startswith("{")]
                if len(entries) >= count:
                    return entries
                await asyncio.sleep(0.01)

    async def shift(self, targets: dict[str, Target]) -> None:
        """Bring the edge to other targets."""
        await self.xds.update(self.make(targets))


@contextlib.asynccontextmanager
async def running_edge(
    directory: Path,
    targets: dict[str, Target],
    objects: ComputeObjects | None = None,
    tls: TlsFiles | None = None,
    **limits: int,
) -> AsyncIterator[RunningEdge]:
    """Start Envoy on the staging stack's configuration with ``targets`` behind it.

    ``objects`` takes the place of what the stack's Terraform describes. With ``tls`` the HTTPS
    rule terminates TLS and the HTTP rule listens too.
    """
    port, plain_port = free_port(), free_port()
    listeners = {443: LocalListener(port, tls=tls)}
    if tls is not None:
        listeners[80] = LocalListener(plain_port)

    def make(chosen: dict[str, Target]) -> Rendering:
        return render(
            EdgeInput(
                objects=objects or stack_objects(**limits),
                targets=chosen,
                listeners=listeners,
                directory=directory,
                aliases={HOST: ("127.0.0.1",)},
            )
        )

    xds = XdsDirectory(directory)
    bootstrap = xds.write_initial(make(targets))
    log = directory.parent / "envoy.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            _envoy(),
            "-c",
            str(bootstrap),
            *("--concurrency", "1", "--disable-hot-restart", "-l", "warning"),
            *("--file-flush-interval-msec", "10"),  # Envoy's 10 s would outlast a test
            *STRICT_ARGUMENTS,
            stdout=output,
            stderr=output,
            env={"PATH": os.defpath},
        )
    try:
        await _ready(directory, log)
        yield RunningEdge(port, xds, log, make, plain_port)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), DEADLINE)


def _envoy() -> str:
    spec = importlib.util.find_spec("envoy")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "_bin" / "envoy")


async def _ready(directory: Path, log: Path) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(admin_socket(directory)), retries=0)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as admin:
        try:
            async with asyncio.timeout(DEADLINE):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        if (await admin.get("/ready")).status_code == httpx.codes.OK:
                            return
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            words = await asyncio.to_thread(log.read_text)
            raise AssertionError(words) from error


def received(facts: str | bytes) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what an echo service reported: all of it, and the headers by name."""
    document = json.loads(facts)
    headers: dict[str, list[str]] = {}
    for name, value in document["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    return document, headers
