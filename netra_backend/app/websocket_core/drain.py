"""Emptying an instance that got SIGTERM, within a bound that Cloud Run's 10 s allow.

Order: no new handshakes (503) and readiness says so -> every client is told, each with its own
moment to reconnect -> after the notice the sockets that are still here close 1012, spread out,
each flushing what it has queued -> what has not ended at the bound is left to the server.
"""

import asyncio
import random
from collections.abc import Collection

from netra_backend.app.websocket_core import close_codes
from netra_backend.app.websocket_core.closing import ServerClose
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.session import Session


async def drain_sessions(sessions: Collection[Session], limits: SocketLimits) -> int:
    """Tell, wait, close. Returns how many sessions had not ended at the bound.

    Args:
        sessions: those that have not ended; the caller lets no new ones in.
        limits: notice, spread and bound of the drain.
    """
    if not sessions:
        return 0
    loop = asyncio.get_running_loop()
    timers = []
    ends = [session.ended for session in sessions]
    for session in sessions:
        delay = random.uniform(0, limits.drain_spread_seconds)  # noqa: S311  spreads load only
        session.drain(reconnect_after_ms=round(delay * 1000))
        close = ServerClose(close_codes.SERVICE_RESTART)
        timers.append(loop.call_later(limits.drain_notice_seconds + delay, session.end, close))
    _, left = await asyncio.wait(ends, timeout=limits.drain_seconds)
    for timer in timers:
        timer.cancel()
    return len(left)
