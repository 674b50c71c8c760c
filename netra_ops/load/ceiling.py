"""What this program could send at most: round trips against a socket server of its own."""

import asyncio
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

SECONDS = 0.5
CLIENTS = 8
MESSAGE = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}'


async def measure_ceiling(seconds: float = SECONDS) -> float:
    """Return round trips per second of this process, client and server together.

    A load near this figure measures the generator, not the platform.
    """

    async def echo(connection: Any) -> None:
        async for message in connection:
            await connection.send(message)

    async def client(port: int, until: float) -> int:
        count = 0
        async with connect(f"ws://127.0.0.1:{port}", compression=None) as socket:
            while loop.time() < until:
                await socket.send(MESSAGE)
                await socket.recv()
                count += 1
        return count

    loop = asyncio.get_running_loop()
    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        started = loop.time()
        counts = await asyncio.gather(*(client(port, started + seconds) for _ in range(CLIENTS)))
        return sum(counts) / (loop.time() - started)
