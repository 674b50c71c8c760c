"""Supervision of the agent process by its gateway: start, poll, restart, stop.

The gateway never waits for it: sockets are served while it starts, hangs or is unavailable. A
process that ended is restarted after a growing pause; the leases of its runs expire immediately.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from netra_backend.app.worker import contract
from netra_backend.app.worker.backoff import Backoff
from netra_backend.app.worker.errors import AgentProcessStarting, AgentProcessUnavailable
from netra_backend.app.worker.exit_status import describe_exit
from netra_backend.app.worker.launch import Launched, Launcher
from netra_backend.app.worker.metrics import AGENTS_ENDED, AGENTS_START_SECONDS, AGENTS_UP
from netra_backend.app.worker.rpc.errors import ChannelClosed, ChannelTimeout
from netra_backend.app.worker.rpc.peer import Handler, Peer, connect
from netra_backend.app.worker.settings import AgentProcessSettings
from netra_shared.errors import ConfigurationError, Draining, NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

_log = get_logger(__name__)

State = Literal["starting", "serving", "restarting", "refused", "ended"]


class AgentProcess:
    """Owns the process and the channel to it.

    Args:
        launcher: starts processes, on the main thread.
        settings: every bound.
        handlers: the methods of the gateway.
        status: called with the status after each poll.
        serving: called when a process accepts commands, with its start duration in seconds.
        lost: called with the lease owner when a process ended unexpectedly; the owner is empty
            when the process never accepted commands. Awaited before the next start, within
            ``read_seconds``.
        refused: called when the process rejects its configuration; a restart does not help.
    """

    def __init__(
        self,
        launcher: Launcher,
        settings: AgentProcessSettings,
        *,
        handlers: Mapping[str, Handler],
        status: Callable[[contract.Status], None],
        serving: Callable[[contract.Serving, float], None],
        lost: Callable[[str], Awaitable[None]],
        refused: Callable[[], None],
    ) -> None:
        self._launcher = launcher
        self._settings = settings
        self._handlers = handlers
        self._status = status
        self._serving = serving
        self._lost = lost
        self._refused = refused
        self._backoff = Backoff(
            settings.restart_seconds, settings.restart_max_seconds, settings.settled_seconds
        )
        self._launched: Launched | None = None
        self._peer: Peer | None = None
        self._serves = asyncio.Event()
        self._owner = ""
        self._answered_at = 0.0
        self._cause = ""
        self._last_end = ""
        self._task: asyncio.Task[None] | None = None
        self.state: State = "starting"

    @property
    def pid(self) -> int:
        """Return the process id; 0 when there is no process."""
        return self._launched.pid if self._launched is not None else 0

    @property
    def silent_seconds(self) -> float:
        """Return the time since the process last answered."""
        return time.monotonic() - self._answered_at

    async def start(self) -> None:
        """Start the supervision; returns without waiting for the process."""
        self._task = asyncio.create_task(self._supervise(), name="agent-process")

    async def stop(self) -> None:
        """Stop the process within ``end_seconds``, then the tasks of the supervision."""
        if self._task is None:
            return
        if self._launched is not None and not self._owner:
            self._launched.kill()  # it is starting and has no runs to drain
        self._mark_ended()
        if self._peer is not None:
            self._peer.close()
        try:
            async with asyncio.timeout(self._settings.end_seconds):
                await asyncio.shield(self._task)
        except TimeoutError:
            if self._launched is not None:
                _log.error("agent process killed", pid=self.pid)
                self._launched.kill()
        await end_task(self._task)
        self._task = None
        if self._launched is not None:
            self._launched.reap()
        AGENTS_UP.set(0)

    def drain(self) -> Peer | None:
        """Stop restarting the process; return the channel when it accepts commands."""
        serves = self._serves.is_set()
        self._mark_ended()
        return self._peer if serves else None

    async def commanded(self) -> Peer:
        """Return the channel to the process; wait while it starts.

        Raises:
            AgentProcessStarting: it did not accept commands within ``wait_seconds``.
            Draining: this instance is draining.
            AgentProcessUnavailable: this instance has no agent process.
        """
        if self._peer is not None and self._peer.closed.done():
            self._serves.clear()  # it has ended and its exit status is not yet read
        if not self._serves.is_set() and self.state not in {"ended", "refused"}:
            try:
                async with asyncio.timeout(self._settings.wait_seconds):
                    await self._serves.wait()
            except TimeoutError:
                raise AgentProcessStarting(
                    "The agent process of this instance is starting; send the command again.",
                    retry_after=1.0,
                ) from None
        if self.state == "ended":
            raise Draining("Connect again and send the command again.")
        return self.reached()

    def reached(self) -> Peer:
        """Return the channel to a process that accepts commands.

        Raises:
            AgentProcessUnavailable: there is no such process.
        """
        if self._peer is None or not self._serves.is_set():
            raise AgentProcessUnavailable(
                "The agent process of this instance is unavailable; send the command again.",
                retry_after=1.0,
            )
        return self._peer

    def check(self) -> None:
        """Return when the process is healthy or starts for the first time.

        Raises:
            Unavailable: it is not; the detail has the reason.
        """
        if self.state == "starting":
            return
        if self.state != "serving":
            raise Unavailable(
                f"The agent process is {self.state}; the previous process {self._last_end}."
            )
        if self.silent_seconds > self._settings.silent_seconds:
            raise Unavailable(
                f"The agent process has not answered for {self.silent_seconds:.0f} s."
            )

    def take_serving(self, serving: contract.Serving) -> None:
        """Note that the process accepts commands."""
        if self._launched is None or self.state == "ended":
            return
        self._owner = serving.owner
        self._answered_at = time.monotonic()
        self.state = "serving"
        self._serves.set()
        AGENTS_UP.set(1)
        took = self._answered_at - self._launched.started_at
        AGENTS_START_SECONDS.observe(took)
        _log.info("agent process serving", pid=self.pid, elapsed_ms=round(took * 1000, 1))
        self._serving(serving, took)

    def _mark_ended(self) -> None:
        self.state = "ended"
        self._serves.clear()

    async def _supervise(self) -> None:
        while self.state not in {"ended", "refused"}:
            lived = 0.0
            # A defect here must not leave the instance without an agent process.
            with swallowed(_log, "agent_process_supervision_failed"):
                launched = self._launched = self._launcher.start()
                status = await self._run_process(launched)
                lived = time.monotonic() - launched.started_at
                await self._handle_exit(status, lived)
            if self._launched is not None:
                self._launched.reap()
                self._launched = None
            if self.state not in {"ended", "refused"}:
                await asyncio.sleep(self._backoff.after(lived))

    async def _run_process(self, launched: Launched) -> int:
        """Serve and poll one process until it has ended; return its exit status."""
        peer = self._peer = await connect(
            launched.end,
            self._handlers,
            in_flight=self._settings.in_flight,
            max_frame_bytes=self._settings.max_frame_bytes,
        )
        watch = asyncio.create_task(self._watch(launched, peer), name="agent-process-watch")
        try:
            return await launched.exited()
        finally:
            self._serves.clear()
            self._peer = None
            AGENTS_UP.set(0)
            await end_task(watch)
            peer.close()
            # Its last events are still being stored; its runs are recovered after that.
            if self.state != "ended":
                await self._settle(peer)

    async def _settle(self, peer: Peer) -> None:
        """Wait for the last calls of the process."""
        with swallowed(_log, "agent_process_calls_unfinished", TimeoutError):
            async with asyncio.timeout(self._settings.publish_seconds):
                await peer.idle()

    async def _handle_exit(self, status: int, lived: float) -> None:
        pid = self.pid
        self._launched = None
        owner, self._owner = self._owner, ""
        if self.state == "ended":
            _log.info("agent process exited", pid=pid, status=status)
            return
        self._last_end = describe_exit(status)
        if status == ConfigurationError.exit_code:
            self.state = "refused"
            _log.error("agent process rejected its configuration", pid=pid, status=status)
            self._refused()
            return
        self.state = "restarting"
        cause, self._cause = self._cause or describe_exit(status, label=True), ""
        AGENTS_ENDED.labels(cause).inc()
        _log.error(
            "agent process ended",
            pid=pid,
            status=status,
            cause=cause,
            lived_seconds=round(lived, 1),
        )
        with swallowed(_log, "agent_process_leases_not_expired", NetraError, TimeoutError):
            async with asyncio.timeout(self._settings.read_seconds):
                await self._lost(owner)

    async def _watch(self, launched: Launched, peer: Peer) -> None:
        """Poll the process; kill it when it does not start, hangs, or closed the channel."""
        settings = self._settings
        try:
            async with asyncio.timeout(settings.start_seconds):
                await self._serves.wait()
            unanswered = 0
            while (
                unanswered * settings.poll_seconds * 2 < settings.hang_seconds
            ):  # pause and deadline
                await asyncio.sleep(settings.poll_seconds)
                unanswered = 0 if await self._poll(peer) else unanswered + 1
        except TimeoutError:
            _log.error("agent process start timed out", pid=launched.pid)
        except ChannelClosed:
            await asyncio.sleep(
                settings.end_seconds
            )  # its own exit status is more specific than a kill
        self._cause = "hang"
        launched.kill()

    async def _poll(self, peer: Peer) -> bool:
        """Request the status; return whether it answered within ``poll_seconds``.

        Raises:
            ChannelClosed: it closed the channel.
        """
        seconds = self._settings.poll_seconds
        try:
            status = await peer.call(
                contract.STATUS, contract.Nothing(), contract.Status, seconds=seconds
            )
        except ChannelTimeout:
            AGENTS_UP.set(float(self.silent_seconds < self._settings.silent_seconds))
            return False
        self._answered_at = time.monotonic()
        AGENTS_UP.set(1)
        self._status(status)
        return True
