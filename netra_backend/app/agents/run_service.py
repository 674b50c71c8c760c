"""Runs: started by a command, executed as tasks of this instance, ended by whoever may.

A run belongs to its thread. Nothing here knows who watches.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog
from pydantic import JsonValue

from netra_backend.app.agents.begin import BeginRequest, Begun, Busy
from netra_backend.app.agents.control import CancelReason, RunControl
from netra_backend.app.agents.credentials import Screened, screen
from netra_backend.app.agents.errors import (
    InstanceDraining,
    MessageRefused,
    MessageTooLarge,
    RunBusy,
    RunCapacityReached,
)
from netra_backend.app.agents.executor import RunExecutor
from netra_backend.app.agents.finisher import RunFinisher
from netra_backend.app.agents.leases import LeaseKeeper
from netra_backend.app.agents.metrics import RUN_SECONDS, RUNS_ACTIVE, RUNS_ENDED
from netra_backend.app.agents.orders import OnBusy, RunOrder, StartedRun
from netra_backend.app.agents.policy import RunPolicy
from netra_backend.app.agents.ports import RunEventPublisher
from netra_backend.app.agents.recorder import RunRecorder
from netra_backend.app.agents.run_store import RunStore
from netra_backend.app.threads.text import storable
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.swallow import swallowed
from netra_shared.telemetry import current_trace_id, span
from netra_shared.tokens import Claims

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _ActiveRun:
    control: RunControl
    task: asyncio.Task[None]


class RunService:
    """Starts, cancels and owns the runs of this instance.

    Args:
        store: the rows of runs.
        executor: answers messages.
        publisher: brings events to watchers.
        policy: bounds.

    ``start_serving`` before the first command, ``stop`` when the instance ends.
    """

    def __init__(
        self,
        store: RunStore,
        executor: RunExecutor,
        publisher: RunEventPublisher,
        policy: RunPolicy,
    ) -> None:
        self._store = store
        self._executor = executor
        self._publisher = publisher
        self._policy = policy
        self._active: dict[UUID, _ActiveRun] = {}
        self._beginning = 0
        self._draining = False
        self._finisher = RunFinisher(store, publisher, policy)
        self._leases = LeaseKeeper(store, self._finisher, self._controls, policy)

    @property
    def active_count(self) -> int:
        """How many runs this instance executes now."""
        return len(self._active)

    def overview(self) -> dict[str, JsonValue]:
        """Return what is being executed here, for operators: ids and counts, no content."""
        return {
            "active": len(self._active),
            "limit": self._policy.max_concurrent,
            "runIds": [str(run_id) for run_id in self._active],
        }

    @property
    def problem(self) -> str | None:
        """Why this instance cannot execute runs, for its readiness; None when it can."""
        return "draining" if self._draining else self._leases.problem

    async def start_serving(self) -> None:
        """Rehearse, then begin to keep leases and to end the runs of dead instances."""
        await self._executor.warm_up()
        await self._leases.start()

    async def stop(self) -> None:
        """End all runs within ``drain_seconds`` + twice ``interrupt_seconds``.

        1. Take no new runs. 2. Let the running ones finish. 3. Interrupt the rest: their partial
        answers are stored. 4. Abandon what hangs even so: a survivor ends it. 5. Stop the leases.
        """
        self._draining = True
        await self._wait_for_runs(self._policy.drain_seconds)
        for run in self._active.values():
            run.control.cancel(CancelReason.SHUTDOWN)
        await self._wait_for_runs(self._policy.interrupt_seconds)
        stuck = dict(self._active)
        for run in stuck.values():
            run.task.cancel()
        if stuck:
            _log.error("runs abandoned", count=len(stuck))
            await asyncio.gather(*(run.task for run in stuck.values()), return_exceptions=True)
            with swallowed(_log, "runs_not_abandoned", NetraError, TimeoutError):
                async with asyncio.timeout(self._policy.interrupt_seconds):
                    await self._store.abandon(list(stuck))
        await self._leases.stop()

    async def start(
        self,
        *,
        user: Claims,
        thread_id: UUID,
        command_id: UUID,
        message_id: UUID,
        content: str,
        on_busy: OnBusy = "reject",
    ) -> StartedRun:
        """Store the user's message and start the run that answers it.

        The message is committed when this returns. The same command again returns the same
        answer and starts nothing.

        Args:
            user: the caller.
            thread_id: a thread of the caller.
            command_id: made by the client, one per command.
            message_id: made by the client, one per message of the thread.
            content: Markdown; access tokens in it are taken out.
            on_busy: what to do when the thread has an active run: refuse, or end that run.

        Raises:
            ThreadNotFound: no such thread for this user.
            MessageRefused: empty, or its id is taken; ``MessageTooLarge``: too long.
            RunBusy: the thread has an active run (or it did not end in time).
            CommandMismatch: the command id was used for something else.
            RunCapacityReached: this instance executes as many runs as it may.
            InstanceDraining: this instance is about to end.
            DatabaseUnavailable: nothing is known to be stored; send the command again.
        """
        screened = screen(self._checked(content))
        request = BeginRequest(
            run_id=uuid4(),
            thread_id=thread_id,
            owner_id=user.sub,
            command_id=command_id,
            message_id=message_id,
            content=screened.text,
            digest=_digest(thread_id, message_id, screened.text),
            model=self._executor.model_name,
            trace_id=current_trace_id() or None,
        )
        if refusal := self._refusal():
            # A command that has its answer gets it even now.
            if known := await self._store.known_command(request):
                return known
            raise refusal
        self._beginning += 1
        try:
            begun, leased_at = await self._begin(request, on_busy)
            if begun.fresh:
                control = RunControl(leased_at + self._policy.speaking_seconds)
                self._spawn(request, user, screened, control)
        finally:
            self._beginning -= 1
        return begun.run

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """Ask a run to end, on whichever instance it is; idempotent.

        Returns:
            ``cancelling``, or the status of a run that has ended already.

        Raises:
            RunNotFound: no such run for this user.
        """
        return await self._cancel(user.sub, run_id, CancelReason.USER)

    async def _cancel(self, owner_id: UUID, run_id: UUID, reason: CancelReason) -> str:
        status, executing = await self._store.request_cancel(
            run_id=run_id, owner_id=owner_id, reason=reason
        )
        if executing and (run := self._active.get(run_id)):
            run.control.cancel(reason)
        return "cancelling" if executing else status

    async def _begin(self, request: BeginRequest, on_busy: OnBusy) -> tuple[Begun, float]:
        """Return what was begun, and since when (monotonic) its lease runs at the latest."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._policy.takeover_seconds
        while True:
            asked_at = time.monotonic()
            state = await self._store.begin(request)
            if isinstance(state, Begun):
                return state, asked_at
            if state.expired:
                await self._leases.sweep()
            elif not state.settling and on_busy == "reject":
                raise RunBusy("Wait for the active run, or cancel it.", run_id=str(state.run_id))
            elif not state.settling:
                await self._cancel(request.owner_id, state.run_id, CancelReason.SUPERSEDED)
            if loop.time() > deadline:
                raise RunBusy(
                    "The active run did not end in time.",
                    retry_after=self._policy.heartbeat_seconds,
                    run_id=str(state.run_id),
                )
            await self._released(state)

    async def _released(self, busy: Busy) -> None:
        """Wait a moment for the run to release its thread; at once when it is ours and ends."""
        run = self._active.get(busy.run_id)
        pause = self._policy.takeover_poll_seconds
        if run is None:
            await asyncio.sleep(pause)
        else:
            await asyncio.wait([run.task], timeout=pause)

    def _checked(self, content: str) -> str:
        text: str = storable(content).strip()
        if not text:
            raise MessageRefused("The message is empty.")
        if len(text) > self._policy.message_characters:
            raise MessageTooLarge(
                f"The message is longer than {self._policy.message_characters} characters."
            )
        return text

    def _refusal(self) -> NetraError | None:
        if self._draining:
            return InstanceDraining("Connect again and send the command once more.")
        if len(self._active) + self._beginning >= self._policy.max_concurrent:
            return RunCapacityReached("Try again shortly.", retry_after=1.0)
        return None

    def _spawn(
        self, request: BeginRequest, user: Claims, screened: Screened, control: RunControl
    ) -> None:
        order = RunOrder(
            run_id=request.run_id,
            thread_id=request.thread_id,
            message_id=request.message_id,
            user_id=user.sub,
            roles=user.roles,
            prompt=screened.text,
            tokens=screened.tokens,
        )
        # The task copies this context, so the trace of the command goes on in the run.
        task = asyncio.create_task(self._run(order, control), name=f"run-{order.run_id}")
        self._active[order.run_id] = _ActiveRun(control, task)
        RUNS_ACTIVE.inc()
        task.add_done_callback(lambda _task: self._forget(order.run_id))

    def _forget(self, run_id: UUID) -> None:
        del self._active[run_id]
        RUNS_ACTIVE.dec()

    async def _run(self, order: RunOrder, control: RunControl) -> None:
        began = time.monotonic()
        structlog.contextvars.bind_contextvars(
            run_id=str(order.run_id), thread_id=str(order.thread_id)
        )
        recorder = RunRecorder(
            thread_id=order.thread_id,
            run_id=order.run_id,
            publisher=self._publisher,
            control=control,
        )
        with span("agent.run", run_id=str(order.run_id), model=self._executor.model_name):
            _log.info("run started", model=self._executor.model_name)
            outcome = await self._executor.execute(order, control, recorder)
            control.ending = True
            if control.fenced:
                return
            # The row stays leased when this fails; a survivor ends the run.
            with swallowed(_log, "run_not_finished"):
                await self._finisher.finish(order, outcome)
            elapsed = time.monotonic() - began
            RUN_SECONDS.observe(elapsed)
            RUNS_ENDED.labels(outcome.status, outcome.error_code or "").inc()
            _log.info(
                "run ended",
                status=outcome.status,
                code=outcome.error_code,
                elapsed_ms=round(elapsed * 1000, 1),
            )

    async def _wait_for_runs(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        # A command that is being stored right now still becomes a run: wait for it as well.
        while (self._active or self._beginning) and (left := deadline - loop.time()) > 0:
            pause = min(left, self._policy.takeover_poll_seconds)
            if self._active:
                await asyncio.wait([run.task for run in self._active.values()], timeout=pause)
            else:
                await asyncio.sleep(pause)

    def _controls(self) -> Mapping[UUID, RunControl]:
        return {run_id: run.control for run_id, run in self._active.items()}


def _digest(thread_id: UUID, message_id: UUID, content: str) -> str:
    text = f"{thread_id}\n{message_id}\n{content}"
    return hashlib.sha256(text.encode()).hexdigest()
