"""The live feed: describes this instance, reads the others' views, notifies every watcher."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import JsonValue
from redis.exceptions import RedisError

from netra_backend.app.operations.board import InstanceBoard, View
from netra_backend.app.operations.errors import TooManyWatchers
from netra_backend.app.operations.instance import InstanceView
from netra_backend.app.operations.monitoring import MonitoringReports
from netra_backend.app.operations.settings import OperationsSettings
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

_STORE_FAILURES = (RedisError, OSError, TimeoutError)

Fleet = Mapping[str, JsonValue]
Push = Callable[[Fleet], None]

_log = get_logger(__name__)


class OperationsFeed:
    """Describes this instance every period and notifies the watchers of this instance.

    The board is read only while there are watchers. While Valkey is unavailable a watcher sees
    this instance alone, and the view says so.

    Args:
        instance_id: key of this instance's view on the board.
        view: describes this instance.
        board: the other instances' views.
        reports: what tools outside of the platform reported.
        settings: period, deadlines and bounds.
    """

    def __init__(
        self,
        instance_id: str,
        view: InstanceView,
        board: InstanceBoard,
        reports: MonitoringReports,
        settings: OperationsSettings,
    ) -> None:
        self._instance_id = instance_id
        self._view = view
        self._board = board
        self._reports = reports
        self._settings = settings
        self._watchers: set[Push] = set()
        self._task: asyncio.Task[None] | None = None
        self._store_unavailable = False
        self._own: View = {}

    def start(self) -> None:
        """Start the feed; call inside the event loop. Needs no store."""
        self._take()
        self._task = asyncio.create_task(self._run(), name="operations-feed")

    async def stop(self) -> None:
        """Stop the feed and remove this instance from the board."""
        if self._task is None:
            return
        await end_task(self._task)
        self._task = None
        self._watchers.clear()
        with swallowed(_log, "operations_not_withdrawn", *_STORE_FAILURES):
            async with asyncio.timeout(self._settings.store_seconds):
                await self._board.withdraw(self._instance_id)

    async def watch(self, push: Push) -> Fleet:
        """Call ``push`` with the fleet every period until ``unwatch``; return the current one.

        Raises:
            TooManyWatchers: this instance already has ``max_watchers`` watchers.
        """
        if push not in self._watchers and len(self._watchers) >= self._settings.max_watchers:
            raise TooManyWatchers(
                f"This instance already has {self._settings.max_watchers} watchers.",
                retry_after=self._settings.period_seconds,
            )
        self._watchers.add(push)
        return await self._fleet()

    def unwatch(self, push: Push) -> None:
        """Stop calling ``push``; idempotent."""
        self._watchers.discard(push)

    def _take(self) -> None:
        self._own = self._view.take(now=time.monotonic(), at=datetime.now(UTC))

    async def _run(self) -> None:
        while True:
            with swallowed(_log, "operations_view"):  # a defect here must not end the feed
                self._take()
                await self._write()
                if self._watchers:
                    fleet = await self._fleet()
                    for push in tuple(self._watchers):
                        push(fleet)
            await asyncio.sleep(self._settings.period_seconds)

    async def _write(self) -> None:
        try:
            async with asyncio.timeout(self._settings.store_seconds):
                await self._board.write(self._instance_id, self._own)
        except _STORE_FAILURES:
            self._set_store_unavailable(True)
        else:
            self._set_store_unavailable(False)

    async def _fleet(self) -> Fleet:
        others: list[View] = []
        reports: dict[str, JsonValue] = {}
        if not self._store_unavailable:
            try:
                async with asyncio.timeout(self._settings.store_seconds):
                    others, reports = await asyncio.gather(self._board.read(), self._reports.read())
            except _STORE_FAILURES:
                self._set_store_unavailable(True)
        views: list[JsonValue] = [
            dict(view) for view in others if view["instanceId"] != self._instance_id
        ]
        return {
            "at": self._own["at"],
            "periodSeconds": self._settings.period_seconds,
            "storeUnavailable": self._store_unavailable,
            "seenBy": self._instance_id,
            "instances": [dict(self._own), *views],
            "monitoring": reports,
        }

    def _set_store_unavailable(self, unavailable: bool) -> None:  # noqa: FBT001  the only argument
        if unavailable != self._store_unavailable:
            self._store_unavailable = unavailable
            _log.info(
                "operations board unavailable"
                if unavailable
                else "operations board available again"
            )
