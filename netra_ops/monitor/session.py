"""One run of a monitor: probes at a rate, held sockets, messages, until stopped."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from netra_client import ClientOptions, NetraClient
from netra_client.endpoint import socket_url
from netra_client.errors import NetraClientError
from netra_client.http import HttpTransport
from netra_client.threads import ThreadsClient
from netra_client.timeouts import ClientTimeouts
from netra_client.token_source import TokenSource
from netra_ops.measure.accounts import SOCKETS_PER_ACCOUNT
from netra_ops.measure.probe import Probe, ProbeResult
from netra_ops.monitor.holder import RETRY_SECONDS, HeldSocket
from netra_ops.monitor.pacing import at_rate
from netra_ops.monitor.tally import Tally

MAX_PROBES_IN_FLIGHT = 200
MESSAGE = "What does close code 1012 mean?"  # the built-in operations guide answers it at no cost


@dataclass(frozen=True, slots=True)
class MonitorPlan:
    """What a monitor does.

    Args:
        address: of the platform.
        sockets: held open.
        rate: probes per second.
        messages_per_minute: runs that are started, so that held sockets have events to receive.
        origin: sent as ``Origin``.
        duration: seconds; None until stopped.
    """

    address: str
    sockets: int = 1
    rate: float = 1.0
    messages_per_minute: float = 0.0
    origin: str | None = None
    duration: float | None = None


async def watch(
    plan: MonitorPlan,
    accounts: Sequence[TokenSource],
    tally: Tally,
    stop: asyncio.Event,
    on_probe: Callable[[ProbeResult], None],
) -> None:
    """Probe and hold until ``stop`` is set or ``plan.duration`` has passed.

    Args:
        plan: what to do.
        accounts: one for each ``SOCKETS_PER_ACCOUNT`` sockets.
        tally: where everything is counted.
        stop: set from outside to end early; set here at the end.
        on_probe: called with each result.
    """
    probe = Probe(socket_url(plan.address), accounts[-1], origin=plan.origin)

    async def one() -> None:
        result = await probe.once()
        tally.add(result)
        on_probe(result)

    def skip() -> None:
        tally.skipped += 1

    thread = await _thread(plan, accounts[0]) if plan.messages_per_minute else None
    async with asyncio.TaskGroup() as tasks:
        helpers = [tasks.create_task(_stop_after(plan.duration, stop))]
        for number in range(plan.sockets):
            account = number // SOCKETS_PER_ACCOUNT
            # Only the first account's sockets may read its thread.
            reads = thread if account == 0 else None
            held = HeldSocket(
                plan.address, accounts[account], ClientOptions(origin=plan.origin), tally, reads
            )
            helpers.append(tasks.create_task(held.hold()))
        if thread is not None:
            helpers.append(tasks.create_task(_talk(plan, accounts[0], thread)))
        await at_rate(
            one, per_second=plan.rate, limit=MAX_PROBES_IN_FLIGHT, skipped=skip, stop=stop
        )
        for helper in helpers:
            helper.cancel()


async def _stop_after(seconds: float | None, stop: asyncio.Event) -> None:
    if seconds is not None:
        await asyncio.sleep(seconds)
        stop.set()


async def _thread(plan: MonitorPlan, tokens: TokenSource) -> UUID:
    http = HttpTransport(plan.address, ClientTimeouts())
    try:
        return (await ThreadsClient(http, tokens).create("connection monitor")).id
    finally:
        await http.aclose()


async def _talk(plan: MonitorPlan, tokens: TokenSource, thread: UUID) -> None:
    """Start a run every so often; a failure is visible as events that do not come."""
    while True:
        with contextlib.suppress(NetraClientError):
            async with NetraClient(plan.address, tokens) as client:
                while True:
                    await client.start_run(
                        thread, MESSAGE, command_id=uuid4(), message_id=uuid4(), on_busy="interrupt"
                    )
                    await asyncio.sleep(60 / plan.messages_per_minute)
        await asyncio.sleep(RETRY_SECONDS)
