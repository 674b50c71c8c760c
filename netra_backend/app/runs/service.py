"""Runs: started by a command, executed as tasks of this process, cancelled from any instance.

A run belongs to its thread, not to the connection that started it.
"""

import asyncio
import hashlib
import json
import time
from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

from msgspec import UNSET
from pydantic import JsonValue

from netra_backend.app.runs.completion import RunFinisher
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.credential_redaction import RedactedMessage, redact_credentials
from netra_backend.app.runs.errors import AccountRunsReached, MessageRefused, RunCapacityReached
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.leases import LeaseKeeper
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.ports import RunExecutor
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.recovery import RunRecovery
from netra_backend.app.runs.run_spec import OnBusy, ResumeRun, StartedRun, StartRun
from netra_backend.app.runs.start import NewMessage, StartRequest, StartResult
from netra_backend.app.runs.store import RunStore
from netra_backend.app.runs.tasks import RunTasks
from netra_shared.auth.tokens import Claims
from netra_shared.errors import Draining, MessageTooLarge, NetraError, RunBusy
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.telemetry import current_trace_id
from netra_shared.text import well_formed

_log = get_logger(__name__)
_NOTHING = RedactedMessage("", ())


class RunService:
    """Starts, cancels and owns the runs of this process.

    Args:
        store: the rows of runs.
        journal: the rows of their steps.
        executor: answers messages.
        publisher: delivers events to subscribers.
        policy: bounds.

    Call ``start_serving`` before the first command and ``stop`` at the end.
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
        self._starting: Counter[UUID] = Counter()
        self._draining = False
        finisher = RunFinisher(store, publisher, policy)
        self._tasks = RunTasks(executor, journal, publisher, finisher, policy)
        self._recovery = RunRecovery(store, self._tasks, finisher, policy)
        self._leases = LeaseKeeper(store, self._recovery, self._tasks.controls, policy)

    @property
    def owner(self) -> str:
        """Return the name under which this process owns leases; unique per process."""
        return self._store.owner

    @property
    def active_count(self) -> int:
        """Return how many runs this process is executing."""
        return self._tasks.count

    def overview(self) -> dict[str, JsonValue]:
        """Return ids and counts of the active runs, without content, for operators."""
        return {
            "active": self._tasks.count,
            "limit": self._policy.max_concurrent,
            "runIds": [str(run_id) for run_id in self._tasks.controls()],
        }

    @property
    def problem(self) -> str | None:
        """Return why this process cannot execute runs, for readiness; None when it can."""
        return "draining" if self._draining else self._leases.problem

    async def start_serving(self) -> None:
        """Warm up, then renew leases and claim the runs of lost processes."""
        await self._executor.warm_up()
        await self._leases.start_heartbeat()

    async def stop(self) -> None:
        """End all runs here within ``drain_seconds`` + twice ``interrupt_seconds``.

        1. Accept no new runs. 2. Wait for active runs to finish. 3. Transfer the rest: they
        publish nothing more here, and another instance resumes them from their journals.
        """
        self._draining = True
        self._recovery.stop_claiming()
        await self._wait_for_runs(self._policy.drain_seconds)
        remaining = self._tasks.owned
        for run_id in remaining:
            self._tasks.cancel(run_id, CancelReason.TRANSFERRED)
        await self._wait_for_runs(self._policy.interrupt_seconds)
        await self._tasks.kill()
        if remaining:
            # When this cannot be stored, their leases expire.
            with swallowed(_log, "runs_not_transferred", NetraError, TimeoutError):
                async with asyncio.timeout(self._policy.interrupt_seconds):
                    await self._store.transfer(remaining)
            _log.info("runs transferred", count=len(remaining))
        await self._leases.stop_heartbeat()

    async def start(self, command: StartRun) -> StartedRun:
        """Store the user's message and start the run that answers it.

        The message is committed when this returns. The same command sent again returns the same
        answer and starts nothing. Access tokens are removed from the content.

        Raises:
            ThreadNotFound: the user has no such thread.
            MessageRefused: the message is empty, or its id exists in the thread.
            MessageNotFound: the parent, or the message to answer again, is not in the thread.
            MessageTooLarge: the message exceeds the limit.
            RunBusy: the thread has an active run, or that run did not end in time.
            CommandMismatch: the command id was used for another command.
            RunCapacityReached: this instance executes its maximum of runs.
            AccountRunsReached: it executes the account's share of them.
            Draining: this instance is draining.
            DatabaseUnavailable: the message may not be stored; send the command again.
        """
        redacted = _NOTHING if command.regenerate else self._redact(command.content)
        place = () if command.parent_id is UNSET else ("after", command.parent_id)
        kind = ("regenerate",) if command.regenerate else ()
        request = self._request(
            command,
            digest=_digest(command.thread_id, command.message_id, redacted.text, *place, *kind),
            message=NewMessage(
                command.message_id, redacted.text, command.parent_id, stored=command.regenerate
            ),
        )
        return await self._execute(request, command.on_busy, redacted.tokens)

    async def resume(self, command: ResumeRun) -> StartedRun:
        """Answer the interrupts of the thread's paused run: a new run continues from there.

        Idempotent by ``command_id``, as ``start`` is.

        Raises:
            NothingToAnswer: no run of the thread is waiting for an answer.
            AnswerRefused: not exactly one valid answer for each interrupt.
            NetraError: as ``start``.
        """
        answers = well_formed(command.answers)
        request = self._request(
            command,
            digest=_digest(command.thread_id, json.dumps(answers, sort_keys=True)),
        )
        return await self._execute(replace(request, answers=answers), "reject", ())

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """Request the cancellation of a run, on any instance; idempotent.

        Returns:
            ``cancelling``, or the status of a run that has already ended.

        Raises:
            RunNotFound: the user has no such run.
        """
        return await self._cancel(user.sub, run_id, CancelReason.USER)

    async def cancel_older(self, *, older_than_seconds: float) -> int:
        """Cancel every run older than that, on all instances; return how many."""
        return await self._store.request_cancel_older(older_than_seconds)

    async def _cancel(self, owner_id: UUID, run_id: UUID, reason: CancelReason) -> str:
        status, executing = await self._store.request_cancel(
            run_id=run_id, owner_id=owner_id, reason=reason
        )
        if executing:
            self._tasks.cancel(run_id, reason)
        return "cancelling" if executing else status

    def _request(
        self, command: StartRun | ResumeRun, *, digest: str, message: NewMessage | None = None
    ) -> StartRequest:
        return StartRequest(
            run_id=uuid4(),
            thread_id=command.thread_id,
            owner_id=command.user.sub,
            roles=tuple(command.user.roles),
            command_id=command.command_id,
            digest=digest,
            model=self._executor.model_name,
            trace_id=current_trace_id() or None,
            message=message,
        )

    async def _execute(
        self, request: StartRequest, on_busy: OnBusy, tokens: tuple[str, ...]
    ) -> StartedRun:
        if refusal := self._refusal(request.owner_id):
            # A known command gets its answer in any case.
            if known := await self._store.known_command(request):
                return known
            raise refusal
        self._starting[request.owner_id] += 1
        try:
            result, leased_at = await self._start_when_free(request, on_busy)
            if result.spec is not None:
                self._tasks.spawn(replace(result.spec, tokens=tokens), leased_at=leased_at)
        finally:
            self._starting[request.owner_id] -= 1
            self._starting += Counter()  # forgets accounts at zero
        return result.run

    async def _start_when_free(
        self, request: StartRequest, on_busy: OnBusy
    ) -> tuple[StartResult, float]:
        """Return the started run, and the latest start of its lease (monotonic)."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._policy.takeover_seconds
        while True:
            leased_at = time.monotonic()
            state = await self._store.start(request)
            if isinstance(state, StartResult):
                return state, leased_at
            if state.expired:
                await self._recovery.sweep()
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

    def _redact(self, content: str) -> RedactedMessage:
        text: str = well_formed(content).strip()
        if not text:
            raise MessageRefused("The message is empty.")
        if (size := len(text.encode())) > self._policy.message_bytes:
            raise MessageTooLarge(
                f"The message has {size} bytes; the limit is {self._policy.message_bytes}."
            )
        return redact_credentials(text)

    def _refusal(self, owner_id: UUID) -> NetraError | None:
        if self._draining:
            return Draining("Connect again and send the command again.")
        if self._tasks.count + self._starting.total() >= self._policy.max_concurrent:
            return RunCapacityReached("Try again shortly.", retry_after=1.0)
        share = self._policy.max_of_account
        if self._tasks.count_of(owner_id) + self._starting[owner_id] >= share:
            return AccountRunsReached(
                f"{share} runs of this account are active; wait for one of them, or cancel it.",
                retry_after=1.0,
            )
        return None

    async def _wait_for_runs(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        # A command that is being stored still becomes a run: wait for it as well.
        while (self._tasks.count or self._starting.total()) and (
            left := deadline - loop.time()
        ) > 0:
            await self._tasks.wait_for_any(min(left, self._policy.takeover_poll_seconds))


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
