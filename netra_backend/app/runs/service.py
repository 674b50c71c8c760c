"""Runs: started by a command, executed as tasks of this instance, ended by whoever may.

A run belongs to its thread. Nothing here knows who watches.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import JsonValue

from netra_backend.app.agents.executor import RunExecutor
from netra_backend.app.agents.ports import RunEventPublisher
from netra_backend.app.runs.completion import RunFinisher
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.credential_screening import screen
from netra_backend.app.runs.errors import (
    InstanceDraining,
    MessageRefused,
    MessageTooLarge,
    RunBusy,
    RunCapacityReached,
)
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.leases import LeaseKeeper
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.recovery import Survivor
from netra_backend.app.runs.run_spec import OnBusy, StartedRun
from netra_backend.app.runs.start import BeginRequest, Begun, NewMessage
from netra_backend.app.runs.store import RunStore
from netra_backend.app.runs.tasks import RunTasks
from netra_backend.app.threads.text import storable
from netra_shared.auth.tokens import Claims
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.telemetry import current_trace_id

_log = get_logger(__name__)


class RunService:
    """Starts, cancels and owns the runs of this instance.

    Args:
        store: the rows of runs.
        journal: the rows of their steps.
        executor: answers messages.
        publisher: brings events to watchers.
        policy: bounds.

    ``start_serving`` before the first command, ``stop`` when the instance ends.
    """

    def __init__(
        self,
        store: RunStore,
        journal: JournalStore,
        executor: RunExecutor,
        publisher: RunEventPublisher,
        policy: RunPolicy,
    ) -> None:
        self._store = store
        self._executor = executor
        self._policy = policy
        self._beginning = 0
        self._draining = False
        finisher = RunFinisher(store, publisher, policy)
        self._tasks = RunTasks(executor, journal, publisher, finisher, policy)
        self._survivor = Survivor(store, self._tasks, finisher, policy)
        self._leases = LeaseKeeper(store, self._survivor, self._tasks.controls, policy)

    @property
    def owner(self) -> str:
        """Name this service as the owner of leases; no two have the same one."""
        return self._store.owner

    @property
    def active_count(self) -> int:
        """How many runs this instance executes now."""
        return self._tasks.count

    def overview(self) -> dict[str, JsonValue]:
        """Return what is being executed here, for operators: ids and counts, no content."""
        return {
            "active": self._tasks.count,
            "limit": self._policy.max_concurrent,
            "runIds": [str(run_id) for run_id in self._tasks.controls()],
        }

    @property
    def problem(self) -> str | None:
        """Why this instance cannot execute runs, for its readiness; None when it can."""
        return "draining" if self._draining else self._leases.problem

    async def start_serving(self) -> None:
        """Rehearse, then begin to keep leases and to take over the runs of lost instances."""
        await self._executor.warm_up()
        await self._leases.start()

    async def stop(self) -> None:
        """End all runs here within ``drain_seconds`` + twice ``interrupt_seconds``.

        1. Take no new runs. 2. Let the running ones finish. 3. Hand the rest over: they fall
        silent here, and another instance, or the next one to start, goes on from their journals.
        """
        self._draining = True
        self._survivor.rest()
        await self._wait_for_runs(self._policy.drain_seconds)
        left = self._tasks.ours
        for run_id in left:
            self._tasks.cancel(run_id, CancelReason.HANDED_OVER)
        await self._wait_for_runs(self._policy.interrupt_seconds)
        await self._tasks.kill()
        if left:
            # Their leases run out by themselves when this cannot be stored.
            with swallowed(_log, "runs_not_handed_over", NetraError, TimeoutError):
                async with asyncio.timeout(self._policy.interrupt_seconds):
                    await self._store.hand_over(left)
            _log.info("runs handed over", count=len(left))
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
        request = self._request(
            user,
            thread_id,
            command_id,
            message=NewMessage(message_id, screened.text),
            digest=_digest(thread_id, message_id, screened.text),
        )
        return await self._execute(request, on_busy, screened.tokens)

    async def resume(
        self,
        *,
        user: Claims,
        thread_id: UUID,
        command_id: UUID,
        answers: Sequence[dict[str, Any]],
    ) -> StartedRun:
        """Answer the interrupts of the thread's paused run: a new run goes on from there.

        Idempotent by ``command_id``, as ``start`` is.

        Args:
            user: the caller.
            thread_id: a thread of the caller.
            command_id: made by the client, one per command.
            answers: AG-UI resume entries, one for each interrupt: ``{"interruptId", "status":
                "resolved", "payload": {"approved": bool, "reason"?: str, "editedArgs"?: object}}``
                or ``{"interruptId", "status": "cancelled"}``.

        Raises:
            NothingToAnswer: no run of the thread waits for an answer.
            AnswerRefused: not exactly one fitting answer for each interrupt.
            NetraError: as ``start``.
        """
        request = self._request(
            user,
            thread_id,
            command_id,
            answers=answers,
            digest=_digest(thread_id, json.dumps(list(answers), sort_keys=True)),
        )
        return await self._execute(request, "reject", ())

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """Ask a run to end, on whichever instance it is; idempotent.

        Returns:
            ``cancelling``, or the status of a run that has ended already.

        Raises:
            RunNotFound: no such run for this user.
        """
        return await self._cancel(user.sub, run_id, CancelReason.USER)

    async def cancel_older(self, *, older_than_seconds: float) -> int:
        """Ask every run that began before that to end, on all instances; return how many."""
        return await self._store.request_cancel_older(older_than_seconds)

    async def _cancel(self, owner_id: UUID, run_id: UUID, reason: CancelReason) -> str:
        status, executing = await self._store.request_cancel(
            run_id=run_id, owner_id=owner_id, reason=reason
        )
        if executing:
            self._tasks.cancel(run_id, reason)
        return "cancelling" if executing else status

    def _request(
        self, user: Claims, thread_id: UUID, command_id: UUID, **others: Any
    ) -> BeginRequest:
        return BeginRequest(
            run_id=uuid4(),
            thread_id=thread_id,
            owner_id=user.sub,
            roles=tuple(user.roles),
            command_id=command_id,
            model=self._executor.model_name,
            trace_id=current_trace_id() or None,
            **others,
        )

    async def _execute(
        self, request: BeginRequest, on_busy: OnBusy, tokens: tuple[str, ...]
    ) -> StartedRun:
        if refusal := self._refusal():
            # A command that has its answer gets it even now.
            if known := await self._store.known_command(request):
                return known
            raise refusal
        self._beginning += 1
        try:
            begun, leased_at = await self._begin(request, on_busy)
            if begun.order is not None:
                self._tasks.spawn(replace(begun.order, tokens=tokens), leased_at=leased_at)
        finally:
            self._beginning -= 1
        return begun.run

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
                await self._survivor.sweep()
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
            await self._tasks.wait(state.run_id, self._policy.takeover_poll_seconds)

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
        if self._tasks.count + self._beginning >= self._policy.max_concurrent:
            return RunCapacityReached("Try again shortly.", retry_after=1.0)
        return None

    async def _wait_for_runs(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        # A command that is being stored right now still becomes a run: wait for it as well.
        while (self._tasks.count or self._beginning) and (left := deadline - loop.time()) > 0:
            await self._tasks.wait_for_any(min(left, self._policy.takeover_poll_seconds))


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
