"""Liveness and readiness of running instances.

Source: docs.cloud.google.com/run/docs/configuring/healthchecks: a failed liveness probe ends the
instance with SIGKILL and its open requests get 503; a failed readiness probe stops new requests
to the instance, open ones stay.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from netra_cloud.run.clock import Clock
from netra_cloud.run.runtime import probes
from netra_cloud.run.runtime.instance import Instance, Stage

Json = dict[str, Any]


class Health:
    """Makes the probe loops of instances.

    Args:
        log: stream and line.
        on_ready: called when an instance takes requests again.
    """

    def __init__(
        self, clock: Clock, log: Callable[[str, str], None], on_ready: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._log = log
        self._on_ready = on_ready

    def of(self, instance: Instance, container: Json) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield the loops of an instance; each ends with the instance."""
        if "livenessProbe" in container:
            yield self._live(instance, container["livenessProbe"])
        if "readinessProbe" in container:
            yield self._ready(instance, container["readinessProbe"])

    async def _live(self, instance: Instance, probe: Json) -> None:
        await asyncio.sleep(self._clock.real(probe.get("initialDelaySeconds", 0)))
        failed = 0
        while await self._pause(instance, probe):
            failure = await self._check(instance, probe)
            failed = failed + 1 if failure else 0
            if failed >= probe["failureThreshold"]:
                self._log("system", f"LIVENESS HTTP probe failed {failed} times: {failure}")
                instance.kill_group(signal.SIGKILL)
                return

    async def _ready(self, instance: Instance, probe: Json) -> None:
        failed = 0
        while await self._pause(instance, probe):
            failure = await self._check(instance, probe)
            failed = failed + 1 if failure else 0
            if failed >= probe["failureThreshold"] and instance.stage is Stage.READY:
                instance.stage = Stage.UNREADY
                self._log("system", f"READINESS probe failed {failed} times: {failure}")
            elif not failed and instance.stage is Stage.UNREADY:
                instance.stage = Stage.READY
                self._on_ready()

    async def _pause(self, instance: Instance, probe: Json) -> bool:
        """Wait a period; return whether the instance still runs."""
        await asyncio.sleep(self._clock.real(probe["periodSeconds"]))
        return instance.stage in {Stage.READY, Stage.UNREADY}

    async def _check(self, instance: Instance, probe: Json) -> str | None:
        return await probes.check(probe, instance.port, self._clock.real(probe["timeoutSeconds"]))
