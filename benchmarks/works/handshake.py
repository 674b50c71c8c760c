"""Connections opened with a token of their own and closed again, a few at a time."""

import asyncio
import time

import picows

from benchmarks.clients import Link, make_token, open_link
from benchmarks.dialects import Netra, Plain
from benchmarks.works.measured import Measured, Meter, Turn

AT_ONCE = 16
TOKENS = 3000


async def handshake(turn: Turn) -> Measured:
    """Return ``cpu_us`` per handshake (opening and close) and ``per_second``.

    A gateway's handshake ends with the upgrade, as a bare server's does; Socket.IO's with its
    namespace, since the token is verified only then.
    """
    dialect = Plain() if isinstance(turn.dialect, Netra) else turn.dialect
    tokens = [make_token() for _ in range(TOKENS)]
    done = 0
    ends = time.monotonic() + turn.seconds

    def ignore(_link: Link, _data: bytes) -> None:
        return

    async def client() -> None:
        nonlocal done
        while time.monotonic() < ends and tokens:
            link = await open_link(turn.ports[0], dialect, ignore, token=tokens.pop())
            link.transport.send_close(picows.WSCloseCode.OK)
            link.transport.disconnect()
            await link.transport.wait_disconnected()
            done += 1

    meter = Meter(turn)
    with meter.running():
        await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return Measured({"cpu_us": meter.cpu_us / done, "per_second": done / meter.seconds})
