"""Lets the sockets of this instance leave when the fleet is on another release."""

import asyncio
import time

import msgspec
from redis.exceptions import RedisError

from netra_backend.app.releases.epoch import Epoch, Mode, departures, must_leave
from netra_backend.app.releases.ports import Departing, OpenSockets
from netra_backend.app.releases.settings import ReleaseSettings
from netra_backend.app.releases.store import EpochStore
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

_FAILURES = (RedisError, OSError, TimeoutError, msgspec.MsgspecError)
NOW_SPREAD_SECONDS = 1.0  # all at once would meet the new release's admission limit together

_log = get_logger(__name__)


class ReleaseWatcher:
    """Reads the epoch every period and empties this instance when it is of another release.

    Args:
        release: of this instance; empty when it has no id.
        store: the epoch.
        sockets: of this instance.
        settings: period and deadlines.
    """

    def __init__(
        self, release: str, store: EpochStore, sockets: OpenSockets, settings: ReleaseSettings
    ) -> None:
        self.release = release
        self._store = store
        self._sockets = sockets
        self._settings = settings
        self._task: asyncio.Task[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._followed: Epoch | None = None
        self._since = 0.0

    def start(self) -> None:
        """Start; call inside the event loop. Needs no store to be up."""
        self._task = asyncio.create_task(self._run(), name="release-watcher")

    async def stop(self) -> None:
        """End; sockets that wait for their moment stay for the instance's own drain."""
        self._cancel_timers()
        if self._task is not None:
            await end_task(self._task)
            self._task = None

    async def _run(self) -> None:
        while True:
            with swallowed(_log, "release_epoch_unread", *_FAILURES):
                async with asyncio.timeout(self._settings.store_seconds):
                    epoch = await self._store.read()
                self._follow(epoch)
            await asyncio.sleep(self._settings.poll_seconds)

    def _follow(self, epoch: Epoch | None) -> None:
        if epoch is None:
            return
        if epoch != self._followed:  # a newer decision replaces the one that is being carried out
            self._cancel_timers()
            self._followed, self._since = epoch, time.monotonic()
        self._timers = [timer for timer in self._timers if not timer.cancelled() and _waits(timer)]
        if self._timers:
            return
        leaving = [one for one in self._sockets.departing() if self._leaves(one, epoch)]
        if leaving:
            _log.info("release drain", release=epoch.release, own=self.release, count=len(leaving))
            self._schedule(leaving, epoch)

    def _leaves(self, socket: Departing, epoch: Epoch) -> bool:
        if not must_leave(epoch, release=self.release, opened_at=socket.opened_at):
            return False
        patient = time.monotonic() - self._since < self._settings.finish_seconds
        return not (epoch.mode is Mode.FINISH and socket.busy and patient)

    def _schedule(self, leaving: list[Departing], epoch: Epoch) -> None:
        loop = asyncio.get_running_loop()
        fast = len(leaving) / NOW_SPREAD_SECONDS
        per_second = max(fast, epoch.per_second) if epoch.mode is Mode.NOW else epoch.per_second
        delays = departures(len(leaving), per_second)
        self._timers = [
            loop.call_later(delay, socket.leave)
            for socket, delay in zip(leaving, delays, strict=True)
        ]

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []


def _waits(timer: asyncio.TimerHandle) -> bool:
    return timer.when() > asyncio.get_running_loop().time()
