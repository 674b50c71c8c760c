"""Connections opened and closed again, a few at a time, each with a verified token."""

import asyncio
import time

import picows

from benchmarks.clients import Link, make_token, open_link
from benchmarks.dialects import Netra, Plain
from benchmarks.works.measured import Measured, Meter, Turn

CONCURRENT = 16
TOKENS = 3000


async def handshake(turn: Turn) -> Measured:
    """Everyone is new: each connection brings a token of its own."""
    return await _shake_hands(turn, [make_token() for _ in range(TOKENS)])


async def reconnect(turn: Turn) -> Measured:
    """Everyone comes back, as after a restart: a few tokens, each again and again."""
    return await _shake_hands(turn, [make_token() for _ in range(CONCURRENT)] * TOKENS)


async def _shake_hands(turn: Turn, tokens: list[str]) -> Measured:
    """Return ``cpu_us`` per handshake (opening and close) and ``per_second``.

    A gateway's handshake ends with the upgrade, as a bare server's does; Socket.IO's with its
    namespace, since the token is verified only then.
    """
    dialect = Plain() if isinstance(turn.dialect, Netra) else turn.dialect
    done = 0
    ends = time.monotonic() + turn.seconds

    def ignore(_link: Link, _data: bytes) -> None:
        return

    async def client() -> None:
        nonlocal done
        going = True
        while going:
            link = await open_link(turn.ports[0], dialect, ignore, token=tokens.pop())
            link.transport.send_close(picows.WSCloseCode.OK)
            link.transport.disconnect()
            await link.transport.wait_disconnected()
            done += 1
            going = time.monotonic() < ends and bool(tokens)

    meter = Meter(turn)
    with meter.running():
        await asyncio.gather(*(client() for _ in range(CONCURRENT)))
    return Measured({"cpu_us": meter.cpu_us / done, "per_second": done / meter.seconds})
