"""Platforms that are broken on purpose, and the assertion that a row fails on them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from netra_client.token_source import FixedToken
from netra_ops.environments.loader import load_environment
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.validate.evidence import Finding
from netra_ops.validate.row import Row
from netra_ops.validate.target import Bounds, LocalStack, RunRecord, Target
from test_framework.project import PROJECT_ROOT

MAX_HEAD_BYTES = 256 * 1024  # the header contract sends 70 KiB
# By row: returns the finding of the row on a system that is broken on purpose.
Break = Callable[[Path], Awaitable[Finding]]


def row_of(rows: tuple[Row, ...], name: str) -> Row:
    return next(row for row in rows if row.id == name)


def target(
    address: str = "",
    *,
    root: Path = PROJECT_ROOT,
    local: LocalStack | None = None,
    record: RunRecord | None = None,
    bounds: Bounds | None = None,
) -> Target:
    """A platform at ``address``; by default at a port where nothing listens."""
    place = address or f"http://{LOOPBACK}:{free_port()}"
    return Target(
        address=place,
        frontend_url=place,
        origin=place,
        descriptor=load_environment("local"),
        tokens=FixedToken("t1"),
        root=root,
        local=local,
        bounds=bounds or Bounds(),
        record=record or RunRecord(),
    )


@contextlib.asynccontextmanager
async def answering(
    body: str, *, status: str = "200 OK", kind: str = "application/json"
) -> AsyncIterator[int]:
    """Answer every request alike; yield the port."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body.encode())}"
    reply = f"{head}\r\nConnection: close\r\n\r\n{body}".encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, LOOPBACK, 0, limit=MAX_HEAD_BYTES) as server:
        yield server.sockets[0].getsockname()[1]


def write(root: Path, name: str, text: str) -> Path:
    """Write a file of a checkout that is broken on purpose."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


FAILING_TEST = "def test_it() -> None:\n    assert 1 == 2\n"
