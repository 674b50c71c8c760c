"""A drill of the alerts: real probes fail and succeed, a real receiver gets what is sent.

Only the clock is simulated: an alert of 15 minutes of history is raised and resolved in seconds.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from netra_client.endpoint import socket_url
from netra_client.timeouts import ClientTimeouts
from netra_client.token_source import TokenSource
from netra_ops.alerts.board import Alert, Board
from netra_ops.alerts.dispatch import Dispatcher
from netra_ops.alerts.thresholds import Thresholds, load_thresholds
from netra_ops.measure.probe import Probe
from netra_ops.services.loopback import LOOPBACK, free_port

SIGNAL = "connection_success"
QUICK = ClientTimeouts(connect=5.0, initialize=5.0, pong=5.0)
REPETITIONS = 2  # evaluations without a change: an alert must not be sent again in them
READ_SECONDS = 10.0
MAX_BODY_BYTES = 64 * 1024


@dataclass(slots=True)
class Drill:
    """What happened.

    Args:
        failed: probes that failed.
        succeeded: probes that succeeded.
        fired: signals whose alert fired.
        resolved: signals whose alert was resolved.
        messages: texts that the receiver got.
    """

    failed: int = 0
    succeeded: int = 0
    fired: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


async def run_drill(address: str, tokens: TokenSource) -> Drill:
    """Raise the alert with failing probes, resolve it with probes of the platform.

    Args:
        address: of the platform.
        tokens: of an account.
    """
    await tokens.token()
    drill = Drill()
    thresholds = load_thresholds()
    async with _receiver(drill.messages) as receiver:
        board = Board(thresholds)
        sink = Dispatcher(
            "drill", thresholds.alerting.resend_every, webhook=receiver, to_console=False
        )
        sink.restore({})
        now = 0.0
        broken = f"http://{LOOPBACK}:{free_port()}"
        drill.failed = await _probe(board, broken, tokens, thresholds, now)
        for _ in range(REPETITIONS):
            await _evaluate(board, sink, drill, now)
            now += 1.0
        # Past the window of the failures and past the time for which an alert is kept.
        now += thresholds.low_traffic.within + thresholds.alerting.keep_firing_for
        drill.succeeded = thresholds.low_traffic.failures - await _probe(
            board, address, tokens, thresholds, now
        )
        await _evaluate(board, sink, drill, now)
    return drill


async def _probe(
    board: Board, address: str, tokens: TokenSource, thresholds: Thresholds, now: float
) -> int:
    """Make as many probes as the rule for low traffic counts; return how many failed."""
    probe = Probe(socket_url(address), tokens, timeouts=QUICK)
    failed = 0
    for _ in range(thresholds.low_traffic.failures):
        result = await probe.once()
        failed += not result.is_ok
        board.count(SIGNAL, now, good=result.is_ok, bad=not result.is_ok)
    return failed


async def _evaluate(board: Board, sink: Dispatcher, drill: Drill, now: float) -> None:
    changes: list[Alert] = board.evaluate(now)
    await sink.dispatch(changes, board.firing(now), now=now, monotonic=now)
    drill.fired += [one.rule.signal for one in changes if one.is_firing]
    drill.resolved += [one.rule.signal for one in changes if not one.is_firing]


@asynccontextmanager
async def _receiver(messages: list[str]) -> AsyncIterator[str]:
    """Serve a webhook on a free loopback port; yield its URL."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(READ_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.partition("content-length:")[2].split("\r\n")[0])
                body = await reader.readexactly(min(length, MAX_BODY_BYTES))
            messages.append(str(json.loads(body)["text"]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(take, LOOPBACK, 0) as server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/alerts"
