"""Drains the connections of an instance after SIGTERM, within Cloud Run's 10 s.

Order: new handshakes get 503 and readiness fails -> each client is notified with its own delay
before it reconnects -> after the notice the remaining connections close with 1012, spread over
time, after they flushed their queues -> the server ends those that exceed the deadline.
"""

import asyncio
import random
from collections.abc import Collection

from netra_backend.app.websocket_core import close_codes
from netra_backend.app.websocket_core.close_cause import ServerClose
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.session import Session


async def drain_sessions(sessions: Collection[Session], limits: SocketLimits) -> int:
    """Notify, wait, close. Return the number of sessions that exceeded the deadline.

    Args:
        sessions: the open sessions; the caller accepts no new ones.
        limits: notice, spread and deadline of the drain.
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
