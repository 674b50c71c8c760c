"""The instances of one revision: starting on demand, queueing, scaling, ending."""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from netra_cloud.run.clock import Clock
from netra_cloud.run.core.records import Failure
from netra_cloud.run.core.template import STARTUP_SECONDS, container_port, ingress_container
from netra_cloud.run.core.traffic import not_ready
from netra_cloud.run.runtime import scaling
from netra_cloud.run.runtime.guarded import Guard
from netra_cloud.run.runtime.health import Health
from netra_cloud.run.runtime.instance import Instance, Program, Stage, free_port
from netra_cloud.run.runtime.load import CpuMeter, MovingAverage

Json = dict[str, Any]

MAX_WAITING = 4000  # requests without an instance; more get 429


class NoInstance(Exception):
    """No instance got free in time: Cloud Run answers 429."""


class RevisionPool:
    """Owns every instance of a revision.

    Args:
        revision: short name.
        template: the revision's template, with defaults.
        program: the port -> what an instance runs, or why it cannot start; asked at each start.
        log: stream or ``system``, and a line.
    """

    def __init__(
        self,
        revision: str,
        template: Json,
        *,
        program: Callable[[int], Program | Failure],
        log: Callable[[str, str], None],
        guard: Guard,
        clock: Clock,
    ) -> None:
        self.revision = revision
        self.limits = scaling.Limits(
            least=template["scaling"].get("minInstanceCount", 0),
            most=template["scaling"]["maxInstanceCount"],
            concurrency=template["maxInstanceRequestConcurrency"],
        )
        self.instances: dict[str, Instance] = {}
        self._template = template
        self._program = program
        self._log = log
        self._guard = guard
        self._clock = clock
        self._waiting: deque[asyncio.Future[Instance]] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._startups: deque[float] = deque(maxlen=20)
        self._active = MovingAverage(clock.real(60.0))
        self._cpu = CpuMeter()
        self._health = Health(clock, log, on_ready=self._dispatch)
        self._closed = False
        self.served_traffic = True

    @property
    def open_requests(self) -> int:
        """Requests and sockets in flight."""
        return sum(instance.active for instance in self.instances.values())

    async def start_first(self) -> Failure | None:
        """Start the instance that proves a new revision; return why it failed, or None."""
        made = self._make("DEPLOYMENT_ROLLOUT")
        return made if isinstance(made, Failure) else await self._start(*made)

    async def acquire(self, preferred: str = "") -> Instance:
        """Return an instance with a free slot, taken; wait in the queue for one.

        Args:
            preferred: id of the instance that affinity asks for.

        Raises:
            NoInstance: none got free in time.
        """
        instance = self._free(preferred)
        if instance is not None:
            return self._take(instance)
        if len(self._waiting) >= MAX_WAITING or self._closed:
            raise NoInstance
        future: asyncio.Future[Instance] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.scale()
        try:
            async with asyncio.timeout(self._queue_seconds()):
                return await future
        except TimeoutError:
            self._give_back(future)
            raise NoInstance from None
        except asyncio.CancelledError:
            self._give_back(future)
            raise
        finally:
            with suppress(ValueError):
                self._waiting.remove(future)

    def _give_back(self, future: asyncio.Future[Instance]) -> None:
        """Release the slot that came after its request had ended."""
        if future.done() and not future.cancelled() and future.exception() is None:
            self.release(future.result())

    def _queue_seconds(self) -> float:
        """Real seconds; a real start does not get faster with the clock's factor."""
        if not self._startups:
            return self._clock.real_start(STARTUP_SECONDS)
        average = sum(self._startups) / len(self._startups)
        return self._clock.real(scaling.queue_seconds(average * self._clock.factor))

    def release(self, instance: Instance) -> None:
        """Give a slot back."""
        instance.active -= 1
        self._note()
        if instance.active == 0:
            instance.idle_since = asyncio.get_running_loop().time()
        self._dispatch()

    def scale(self) -> None:
        """Bring the number of instances to what the load asks for."""
        if self._closed:
            return
        now = asyncio.get_running_loop().time()
        running = [i for i in self.instances.values() if i.stage is not Stage.STOPPING]
        idle_limit = self._clock.real(scaling.IDLE_SECONDS)
        expired = [
            i
            for i in running
            if i.stage is Stage.READY and i.active == 0 and now - i.idle_since >= idle_limit
        ]
        starting = [i for i in running if i.stage is Stage.STARTING]
        ready = [i for i in running if i.stage is Stage.READY]
        promised = len(starting) * self.limits.concurrency
        load = scaling.Load(
            active=self._active.value(now),
            cpu=self._cpu.average([i.pid for i in ready if i.pid], now),
            waiting=max(0, len(self._waiting) - promised),
            instances=len(running),
            idle_expired=len(expired),
        )
        target = scaling.wanted(load, self._bounds())
        reason = "AUTOSCALING" if self._waiting or load.active else "MIN_INSTANCE"
        for _ in range(target - len(running)):
            # Counted from now on: the next request of this turn must not start one more.
            made = self._make(reason)
            if not isinstance(made, Failure):
                self._spawn(self._start(*made))
        if target < len(running):
            spare = sorted((i for i in ready if i.active == 0), key=lambda i: (i.idle_since, i.id))
            for instance in spare[: len(running) - target]:
                self._retire(instance)

    def _bounds(self) -> scaling.Limits:
        if self.served_traffic:
            return self.limits
        # Minimum instances are kept only while a revision has traffic or a tag
        # (doc: configuring/min-instances).
        return scaling.Limits(0, self.limits.most, self.limits.concurrency, None)

    async def close(self) -> None:
        """End every instance: SIGTERM, 10 s, SIGKILL."""
        self._closed = True
        for future in list(self._waiting):
            if not future.done():
                future.set_exception(NoInstance())
        await asyncio.gather(*(instance.stop() for instance in self.instances.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _free(self, preferred: str) -> Instance | None:
        wished = self.instances.get(preferred)
        if wished is not None and self._has_slot(wished):
            return wished
        free = [i for i in self.instances.values() if self._has_slot(i)]
        return min(free, key=lambda i: i.active, default=None)

    def _has_slot(self, instance: Instance) -> bool:
        return instance.stage is Stage.READY and instance.active < self.limits.concurrency

    def _take(self, instance: Instance) -> Instance:
        instance.active += 1
        instance.served += 1
        self._note()
        return instance

    def _note(self) -> None:
        self._active.set(self.open_requests, asyncio.get_running_loop().time())

    def _dispatch(self) -> None:
        while self._waiting:
            instance = self._free("")
            if instance is None:
                return
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(self._take(instance))

    def _make(self, reason: str) -> tuple[Instance, Program] | Failure:
        """Return a new instance, already counted, and its program; or why there is none."""
        port = free_port()
        program = self._program(port)
        if isinstance(program, Failure):
            return program
        instance = Instance(
            id=uuid.uuid4().hex,
            port=port,
            clock=self._clock,
            guard=self._guard,
            on_line=self._log,
        )
        self.instances[instance.id] = instance
        self._log("system", f"Starting new instance. Reason: {reason}")
        return instance, program

    async def _start(self, instance: Instance, program: Program) -> Failure | None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        container = ingress_container(self._template)
        try:
            failure = await instance.start(program, container["startupProbe"])
        except BaseException:
            await instance.stop()
            self.instances.pop(instance.id, None)
            raise
        if failure is not None:
            self._log("system", f"The startup probe failed: {failure}")
            await instance.stop()
            self.instances.pop(instance.id, None)
            return self._start_failure()
        self._startups.append(loop.time() - started)
        self._spawn(self._watch(instance))
        for probe in self._health.of(instance, container):
            self._spawn(probe)
        self._dispatch()
        return None

    def _start_failure(self) -> Failure:
        """Text: transparency-dev/tesseract#413."""
        port = container_port(self._template)
        cause = (
            "The user-provided container failed to start and listen on the port defined provided "
            f"by the PORT={port} environment variable within the allocated timeout. This can "
            "happen when the container port is misconfigured or if the timeout is too short. The "
            "health check timeout can be extended. Logs for this revision might contain more "
            "information."
        )
        return Failure(
            9,
            not_ready(self.revision, cause),
            "REVISION_FAILED",
            "HEALTH_CHECK_CONTAINER_ERROR",
        )

    async def _watch(self, instance: Instance) -> None:
        """Notice the end of an instance that no one asked to end."""
        assert instance.process is not None  # noqa: S101 -- it was started
        status = await instance.process.wait()
        if instance.stage in {Stage.READY, Stage.UNREADY}:
            ended = f"called exit({status})" if status >= 0 else f"terminated on signal {-status}"
            self._log("system", f"Container {ended}.")
            await instance.finish()
        await instance.ended.wait()
        self.instances.pop(instance.id, None)
        self.scale()

    def _retire(self, instance: Instance) -> None:
        instance.stage = Stage.STOPPING
        self._log("system", "Shutting down user disabled instance.")
        self._spawn(instance.stop())

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
