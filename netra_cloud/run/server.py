"""The emulator in one process: control plane, data plane, instances."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from netra_cloud.run.api.application import application
from netra_cloud.run.clock import Clock
from netra_cloud.run.controller import Controller
from netra_cloud.run.doors import Doors
from netra_cloud.run.runtime.guarded import Guard
from netra_cloud.run.store import Store

ADDRESS_FILE = "address.json"
_STOP_SECONDS = 2.0  # for API requests in flight at the end


@dataclass(frozen=True)
class ServerOptions:
    """How to run.

    Attributes:
        data: directory of everything durable; made when it is absent.
        port: of the API; the data plane is on the next one. 0 lets the kernel choose both.
        clock_factor: documented seconds in a real one.
        grpc: whether to serve gRPC too, on the port after the data plane's; it costs a second.
        propagation_seconds: documented seconds in which a changed split and the old one both serve.
    """

    data: Path
    port: int = 0
    clock_factor: float = 1.0
    propagation_seconds: float = 0.0
    grpc: bool = False


@dataclass(frozen=True)
class Addresses:
    """Where a running emulator answers."""

    pid: int
    api: str
    data: str
    grpc: str | None = None


@contextlib.asynccontextmanager
async def serving(options: ServerOptions) -> AsyncIterator[Addresses]:
    """Run the emulator; every instance ends with it.

    Raises:
        OSError: a port is taken, or the directory is not writable.
    """
    data = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    address_file = data / ADDRESS_FILE
    address_file.unlink(missing_ok=True)
    with (
        socket.create_server(("127.0.0.1", options.port), backlog=2048) as listener,
        Store(data / "state.sqlite") as store,
        Guard() as guard,
    ):
        port = int(listener.getsockname()[1])
        controller = Controller(
            data, store, guard, Clock(options.clock_factor), options.propagation_seconds
        )
        doors = Doors(controller, store)
        await controller.open()
        try:
            await doors.open(options.port + 1 if options.port else 0)
            api = _ApiServer(
                uvicorn.Config(
                    application(controller, doors),
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    timeout_graceful_shutdown=int(_STOP_SECONDS),
                )
            )
            task = asyncio.create_task(api.serve(sockets=[listener]))
            front: asyncio.subprocess.Process | None = None
            try:
                await api.listening(task)
                address = f"http://127.0.0.1:{port}"
                grpc_address = None
                if options.grpc:
                    front, grpc_address = await _start_grpc(
                        guard, address, options.port + 2 if options.port else 0
                    )
                addresses = Addresses(
                    os.getpid(), address, f"http://127.0.0.1:{doors.data_port}", grpc_address
                )
                partial = address_file.with_suffix(".partial")
                partial.write_text(json.dumps(addresses.__dict__))
                partial.replace(address_file)
                yield addresses
            finally:
                address_file.unlink(missing_ok=True)
                if front is not None:
                    front.kill()
                    guard.forget(front.pid)
                    await front.wait()
                api.should_exit = True
                await task
        finally:
            await doors.close()
            await controller.close()


async def _start_grpc(guard: Guard, api: str, port: int) -> tuple[asyncio.subprocess.Process, str]:
    """Start the gRPC front; return its process and address.

    Raises:
        OSError: it ended at its start, for instance because the port is taken.
    """
    front = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "netra_cloud.run.grpc_front", "--api", api, "--port", str(port)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    guard.watch(front.pid)
    assert front.stdout is not None  # noqa: S101 -- PIPE above
    line = (await front.stdout.readline()).strip()
    if not line.isdigit():
        raise OSError(f"the gRPC front did not start on port {port}")
    return front, f"127.0.0.1:{int(line)}"


class _ApiServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has one owner of signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def listening(self, task: asyncio.Task[None]) -> None:
        """Return when it accepts requests; raise what ended it otherwise."""
        while not self.started:
            if task.done():
                task.result()
                raise OSError("the API server ended while it started")
            await asyncio.sleep(0.005)
