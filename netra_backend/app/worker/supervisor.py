"""The life of the agent process, as its gateway leads it: start, watch, replace, end.

It is never waited for: sockets are served while it starts, hangs or is away. A process that ended
is replaced after a pause that grows; the runs that it had are freed for whoever sweeps next.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from netra_backend.app.runs.errors import InstanceDraining
from netra_backend.app.worker import contract
from netra_backend.app.worker.backoff import Backoff
from netra_backend.app.worker.errors import AgentsAway, AgentsStarting
from netra_backend.app.worker.exit_status import in_words
from netra_backend.app.worker.launch import Launched, Launcher
from netra_backend.app.worker.metrics import AGENTS_ENDED, AGENTS_START_SECONDS, AGENTS_UP
from netra_backend.app.worker.rpc.errors import ChannelClosed, ChannelTimeout
from netra_backend.app.worker.rpc.peer import Duty, Peer, connect
from netra_backend.app.worker.settings import AgentProcessSettings
from netra_shared.errors import ConfigurationError, NetraError, Unavailable
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
        duties: what this side does for it.
        status: told how it is, once a poll.
        serving: told when a process takes commands, after how many seconds.
        lost: told of the owner of leases that ended without being asked to; empty when it had
            not served. Awaited before the next start, within ``read_seconds``.
        refused: called when the process refuses its configuration, which no restart changes.
    """

    def __init__(
        self,
        launcher: Launcher,
        settings: AgentProcessSettings,
        *,
        duties: Mapping[str, Duty],
        status: Callable[[contract.Status], None],
        serving: Callable[[contract.Serving, float], None],
        lost: Callable[[str], Awaitable[None]],
        refused: Callable[[], None],
    ) -> None:
        self._launcher = launcher
        self._settings = settings
        self._duties = duties
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
        self._heard_at = 0.0
        self._cause = ""
        self._last_end = ""
        self._task: asyncio.Task[None] | None = None
        self.state: State = "starting"

    @property
    def pid(self) -> int:
        """The process id; 0 when there is none just now."""
        return self._launched.pid if self._launched is not None else 0

    @property
    def silent_seconds(self) -> float:
        """How long ago the process last answered."""
        return time.monotonic() - self._heard_at

    async def start(self) -> None:
        """Begin to lead; returns at once."""
        self._task = asyncio.create_task(self._lead(), name="agent-process")

    async def stop(self) -> None:
        """End the process, within ``end_seconds``, and this side's tasks. It ends last."""
        if self._task is None:
            return
        if self._launched is not None and not self._owner:
            self._launched.kill()  # it imports or rehearses, and has nothing to end in order
        self._ends()
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
        """Replace the process no more; return the channel when it takes commands."""
        serves = self._serves.is_set()
        self._ends()
        return self._peer if serves else None

    async def commanded(self) -> Peer:
        """Return the channel to a process that takes commands; one that starts is waited for.

        Raises:
            AgentsStarting: it did not come to serve within ``wait_seconds``.
            InstanceDraining: this instance is about to end.
            AgentsAway: this instance has none, and will have none.
        """
        if self._peer is not None and self._peer.closed.done():
            self._serves.clear()  # it has ended, its exit status is about to be read
        if not self._serves.is_set() and self.state not in {"ended", "refused"}:
            try:
                async with asyncio.timeout(self._settings.wait_seconds):
                    await self._serves.wait()
            except TimeoutError:
                raise AgentsStarting(
                    "The agents of this instance are starting; send the command again.",
                    retry_after=1.0,
                ) from None
        if self.state == "ended":
            raise InstanceDraining("Connect again and send the command once more.")
        return self.reached()

    def reached(self) -> Peer:
        """Return the channel to a process that takes commands now.

        Raises:
            AgentsAway: there is none.
        """
        if self._peer is None or not self._serves.is_set():
            raise AgentsAway("The agents of this instance are away.", retry_after=1.0)
        return self._peer

    def check(self) -> None:
        """Return when the process is well, or on its first way there.

        Raises:
            Unavailable: why it is not.
        """
        if self.state == "starting":
            return
        if self.state != "serving":
            raise Unavailable(f"The agent process is {self.state}: the last one {self._last_end}.")
        if self.silent_seconds > self._settings.silent_seconds:
            raise Unavailable(f"The agent process has been silent for {self.silent_seconds:.0f} s.")

    def take_serving(self, serving: contract.Serving) -> None:
        """Note that the process takes commands."""
        if self._launched is None or self.state == "ended":
            return
        self._owner = serving.owner
        self._heard_at = time.monotonic()
        self.state = "serving"
        self._serves.set()
        AGENTS_UP.set(1)
        took = self._heard_at - self._launched.began
        AGENTS_START_SECONDS.observe(took)
        _log.info("agents serving", pid=self.pid, elapsed_ms=round(took * 1000, 1))
        self._serving(serving, took)

    def _ends(self) -> None:
        self.state = "ended"
        self._serves.clear()

    async def _lead(self) -> None:
        while self.state not in {"ended", "refused"}:
            lived = 0.0
            # A defect here must not leave the instance without agents for good.
            with swallowed(_log, "agent_process_not_led"):
                launched = self._launched = self._launcher.start()
                status = await self._live(launched)
                lived = time.monotonic() - launched.began
                await self._bury(status, lived)
            if self._launched is not None:
                self._launched.reap()
                self._launched = None
            if self.state not in {"ended", "refused"}:
                await asyncio.sleep(self._backoff.after(lived))

    async def _live(self, launched: Launched) -> int:
        """Serve and watch one process until it has ended; return its exit status."""
        peer = self._peer = await connect(
            launched.end,
            self._duties,
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
            # What it published is being placed: only then may another one go on from there.
            if self.state != "ended":
                await self._settle(peer)

    async def _settle(self, peer: Peer) -> None:
        """Wait until what the process asked for last has been done."""
        with swallowed(_log, "agent_process_unsettled", TimeoutError):
            async with asyncio.timeout(self._settings.publish_seconds):
                await peer.idle()

    async def _bury(self, status: int, lived: float) -> None:
        pid = self.pid
        self._launched = None
        owner, self._owner = self._owner, ""
        if self.state == "ended":
            _log.info("agents ended", pid=pid, status=status)
            return
        self._last_end = in_words(status)
        if status == ConfigurationError.exit_code:
            self.state = "refused"
            _log.error("agents refused their configuration", pid=pid, status=status)
            self._refused()
            return
        self.state = "restarting"
        cause, self._cause = self._cause or in_words(status, label=True), ""
        AGENTS_ENDED.labels(cause).inc()
        _log.error(
            "agent process ended",
            pid=pid,
            status=status,
            cause=cause,
            lived_seconds=round(lived, 1),
        )
        with swallowed(_log, "agent_leases_not_expired", NetraError, TimeoutError):
            async with asyncio.timeout(self._settings.read_seconds):
                await self._lost(owner)

    async def _watch(self, launched: Launched, peer: Peer) -> None:
        """Ask how it is; end a process that does not serve, hangs, or has left the channel."""
        settings = self._settings
        try:
            async with asyncio.timeout(settings.start_seconds):
                await self._serves.wait()
            unheard = 0
            while unheard * settings.poll_seconds * 2 < settings.hang_seconds:  # pause and deadline
                await asyncio.sleep(settings.poll_seconds)
                unheard = 0 if await self._poll(peer) else unheard + 1
        except TimeoutError:
            _log.error("agent process not serving in time", pid=launched.pid)
        except ChannelClosed:
            await asyncio.sleep(settings.end_seconds)  # its exit status says more than our signal
        self._cause = "hang"
        launched.kill()

    async def _poll(self, peer: Peer) -> bool:
        """Ask how it is; tell whether it said so within a poll.

        Raises:
            ChannelClosed: it has left the channel.
        """
        seconds = self._settings.poll_seconds
        try:
            status = await peer.call(
                contract.STATUS, contract.Nothing(), contract.Status, seconds=seconds
            )
        except ChannelTimeout:
            AGENTS_UP.set(float(self.silent_seconds < self._settings.silent_seconds))
            return False
        self._heard_at = time.monotonic()
        AGENTS_UP.set(1)
        self._status(status)
        return True
