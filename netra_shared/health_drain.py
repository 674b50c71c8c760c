"""SIGTERM turns the instance unready before anything else happens."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from netra_shared.health_monitor import ReadinessMonitor


@contextmanager
def unready_on_sigterm(monitor: ReadinessMonitor, *, linger_seconds: float = 0.0) -> Iterator[None]:
    """Drain ``monitor`` on SIGTERM, then pass the signal on to the handler that was there.

    Enter it in the application's lifespan: uvicorn has installed its handler by then, and stops
    listening as soon as that handler runs.

    Args:
        monitor: turns unready in the same turn of the event loop.
        linger_seconds: how long the service goes on serving, unready, before the signal is passed
            on. Probes need it to see the 503; Cloud Run stops sending requests by itself, so 0
            does no harm there, and what is spent here is missing from its 10 s.
    """
    previous = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()

    def pass_on() -> None:
        if callable(previous):
            frame: FrameType | None = None
            previous(signal.SIGTERM, frame)
        else:  # nobody listened: what the kernel would have done
            loop.stop()

    def on_sigterm() -> None:
        monitor.drain()
        loop.call_later(linger_seconds, pass_on)

    loop.add_signal_handler(signal.SIGTERM, on_sigterm)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, previous)
