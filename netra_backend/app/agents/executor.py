"""Executing a run: from an order to an outcome."""

import time
from typing import Any, Protocol

from ag_ui.core import (
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedInterruptOutcome,
)
from pydantic_ai import Agent
from pydantic_ai.run import AgentRunResult
from pydantic_ai.usage import UsageLimits

from netra_backend.app.agents.approvals import deferred_results, load_paused, paused_messages
from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.failures import explain_failure
from netra_backend.app.agents.history import ThreadHistory
from netra_backend.app.agents.owned_tasks import owned_tasks
from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.agents.tools import AgentDeps, Answer
from netra_backend.app.agents.warm_up import warm_up
from netra_backend.app.runs.control import RunControl
from netra_backend.app.runs.credential_screening import PLACEHOLDER
from netra_backend.app.runs.errors import StreamLost
from netra_backend.app.runs.journal import RunJournal
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.run_spec import RunOrder, RunOutcome, RunStatus
from netra_shared.errors import NetraError

SHORTEST_REST_SECONDS = 1.0  # what a run that was taken over late still gets, to end in order


class RunExecutor(Protocol):
    """Answers one message."""

    @property
    def model_name(self) -> str:
        """Return the name that is stored with each run."""
        ...

    async def warm_up(self) -> None:
        """Do before the first run what would make it slow."""
        ...

    async def execute(
        self, order: RunOrder, control: RunControl, recorder: RunRecorder, journal: RunJournal
    ) -> RunOutcome:
        """Run to the end, giving every event to ``recorder`` as it happens.

        Steps that ``journal`` has are not done again. Failures are outcomes; only
        ``CancelledError`` is raised.
        """
        ...


class AgentExecutor:
    """Runs a pydantic-ai agent in this process.

    Args:
        agent: what answers.
        model_name: stored with each run.
        counts_tokens: whether the model's usage is a measurement.
        history: what the model gets to read.
        operations: what the tools may see.
        issuer: the ``iss`` of valid access tokens, for ``check_access_token``.
        audience: the ``aud`` of valid access tokens.
        policy: deadlines and limits.
    """

    def __init__(
        self,
        agent: Agent[AgentDeps, Answer],
        *,
        model_name: str,
        counts_tokens: bool,
        history: ThreadHistory,
        operations: OperationsView,
        issuer: str,
        audience: str,
        policy: RunPolicy,
    ) -> None:
        self._agent = agent
        self._model_name = model_name
        self._counts_tokens = counts_tokens
        self._history = history
        self._operations = operations
        self._issuer = issuer
        self._audience = audience
        self._policy = policy

    @property
    def model_name(self) -> str:
        """Return the name that is stored with each run."""
        return self._model_name

    async def warm_up(self) -> None:
        """Rehearse once without the model."""
        await warm_up(self._agent)

    async def execute(
        self, order: RunOrder, control: RunControl, recorder: RunRecorder, journal: RunJournal
    ) -> RunOutcome:
        """Run the agent; see ``RunExecutor.execute``."""
        stream = RunEventStream(
            thread_id=str(order.thread_id),
            run_id=str(order.run_id),
            include_usage=self._counts_tokens,
            parent_run_id=str(order.parent_run_id) if order.parent_run_id else None,
            control=control,
        )
        failure: NetraError | None = None
        paused: str | None = None
        try:
            async with owned_tasks():
                paused = await self._stream(order, control, recorder, journal, stream)
            failure = stream.failure
        except Exception as error:  # noqa: BLE001  a run may not end without an outcome
            failure = explain_failure(error)
        return await conclude(recorder, failure, paused)

    async def _stream(
        self,
        order: RunOrder,
        control: RunControl,
        recorder: RunRecorder,
        journal: RunJournal,
        stream: RunEventStream,
    ) -> str | None:
        """Return what the model had said, as JSON, when the run waits for a person now."""
        history = await self._history.before(thread_id=order.thread_id, message_id=order.message_id)
        paused: str | None = None

        async def keep(result: AgentRunResult[Answer]) -> None:
            nonlocal paused
            paused = paused_messages(result, len(history))

        events = self._agent.run_stream_events(
            None if order.answers else order.prompt,
            message_history=[*history, *load_paused(order.paused_messages)],
            deferred_tool_results=deferred_results(order.answers),
            conversation_id=str(order.thread_id),
            deps=AgentDeps(
                user_id=order.user_id,
                roles=order.roles,
                operations=self._operations,
                issuer=self._issuer,
                audience=self._audience,
                tokens=order.tokens,
                tokens_lost=order.attempt > 1 and PLACEHOLDER in order.prompt,
                journal=journal,
            ),
            cancellation_token=control.token,
            timeout=max(self._policy.run_seconds - order.age_seconds, SHORTEST_REST_SECONDS),
            usage_limits=UsageLimits(
                request_limit=self._policy.model_requests,
                tool_calls_limit=self._policy.tool_calls,
            ),
        )
        async with events as native:
            async for event in stream.transform_stream(native, on_complete=keep):
                await recorder.record(event)
        return paused


async def conclude(
    recorder: RunRecorder, failure: NetraError | None, paused: str | None = None
) -> RunOutcome:
    """Return the outcome of what was recorded.

    A stream that watchers saw only in part ends for them with an error that tells them to
    reload, while the stored run keeps its own status.
    """
    if recorder.terminal is None and failure is None:
        failure = explain_failure(RuntimeError("the run ended without a terminal event"))
    if failure is not None and not isinstance(recorder.terminal, RunErrorEvent):
        await recorder.record(error_event(failure))
    terminal = recorder.terminal
    assert terminal is not None  # noqa: S101  recorded above; for the type checker
    status = _status(terminal, failure)
    usage = _json(terminal).get("usage")
    interrupts = _interrupts(terminal) if failure is None else None
    if recorder.stream_broken:
        terminal = error_event(StreamLost())
    return RunOutcome(
        status=status,
        error_code=failure.code if failure else None,
        messages=recorder.messages(),
        usage=usage,
        terminal=_json(terminal),
        interrupts=interrupts,
        paused_messages=paused if interrupts else None,
    )


def error_event(failure: NetraError) -> RunErrorEvent:
    """Return the ``RUN_ERROR`` that tells of ``failure``."""
    return RunErrorEvent(
        message=failure.detail, code=failure.code, timestamp=round(time.time() * 1000)
    )


def cancelled_event(order: RunOrder) -> RunFinishedEvent:
    """Return the ``RUN_FINISHED`` of a run that was cancelled."""
    return RunFinishedEvent(
        thread_id=str(order.thread_id),
        run_id=str(order.run_id),
        outcome=RunFinishedCancelledOutcome(),
        timestamp=round(time.time() * 1000),
    )


def _interrupts(terminal: RunFinishedEvent | RunErrorEvent) -> list[dict[str, Any]] | None:
    outcome = terminal.outcome if isinstance(terminal, RunFinishedEvent) else None
    if not isinstance(outcome, RunFinishedInterruptOutcome):
        return None
    return [item.model_dump(mode="json", by_alias=True) for item in outcome.interrupts]


def _status(terminal: RunFinishedEvent | RunErrorEvent, failure: NetraError | None) -> RunStatus:
    if failure is not None:
        return "failed"
    outcome = terminal.outcome if isinstance(terminal, RunFinishedEvent) else None
    if outcome is None or outcome.type == "success":
        return "completed"
    return "cancelled" if outcome.type == "cancelled" else "interrupted"


def _json(event: RunFinishedEvent | RunErrorEvent) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True)
