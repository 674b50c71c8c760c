"""Executing a run: from an order to an outcome.

``RunExecutor`` is the seam for durable execution: another implementation may checkpoint its
steps and survive its process, as long as it takes an order and returns the outcome.
"""

import time
from typing import Any, Protocol

from ag_ui.core import RunErrorEvent, RunFinishedEvent
from pydantic_ai import Agent
from pydantic_ai.usage import UsageLimits

from netra_backend.app.agents.control import RunControl
from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.errors import RunInterrupted, StreamLost
from netra_backend.app.agents.failures import explain_failure
from netra_backend.app.agents.history import ThreadHistory
from netra_backend.app.agents.orders import RunOrder, RunOutcome, RunStatus
from netra_backend.app.agents.policy import RunPolicy
from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.agents.recorder import RunRecorder
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.agents.warm_up import warm_up
from netra_shared.errors import NetraError


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
        self, order: RunOrder, control: RunControl, recorder: RunRecorder
    ) -> RunOutcome:
        """Run to the end, giving every event to ``recorder`` as it happens.

        Failures are outcomes; only ``CancelledError`` is raised.
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
        agent: Agent[AgentDeps, str],
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
        self, order: RunOrder, control: RunControl, recorder: RunRecorder
    ) -> RunOutcome:
        """Run the agent; see ``RunExecutor.execute``."""
        stream = RunEventStream(
            thread_id=str(order.thread_id),
            run_id=str(order.run_id),
            include_usage=self._counts_tokens,
            control=control,
        )
        failure: NetraError | None = None
        try:
            await self._stream(order, control, recorder, stream)
            failure = stream.failure
        except Exception as error:  # noqa: BLE001  a run may not end without an outcome
            failure = explain_failure(error)
        return conclude(recorder, failure)

    async def _stream(
        self, order: RunOrder, control: RunControl, recorder: RunRecorder, stream: RunEventStream
    ) -> None:
        history = await self._history.before(thread_id=order.thread_id, message_id=order.message_id)
        events = self._agent.run_stream_events(
            order.prompt,
            message_history=history,
            conversation_id=str(order.thread_id),
            deps=AgentDeps(
                user_id=order.user_id,
                roles=order.roles,
                operations=self._operations,
                issuer=self._issuer,
                audience=self._audience,
                tokens=order.tokens,
            ),
            cancellation_token=control.token,
            timeout=self._policy.run_seconds,
            usage_limits=UsageLimits(
                request_limit=self._policy.model_requests,
                tool_calls_limit=self._policy.tool_calls,
            ),
        )
        async with events as native:
            async for event in stream.transform_stream(native):
                await recorder.record(event)


def conclude(recorder: RunRecorder, failure: NetraError | None) -> RunOutcome:
    """Return the outcome of what was recorded.

    A stream that watchers saw only in part ends for them with an error that tells them to
    reload, while the stored run keeps its own status.
    """
    terminal = recorder.terminal
    if failure is not None or terminal is None:
        failure = failure or explain_failure(RuntimeError("the run ended without a terminal event"))
        terminal = error_event(failure)
    status = _status(terminal, failure)
    usage = _json(terminal).get("usage")
    if recorder.stream_broken:
        terminal = error_event(StreamLost())
    return RunOutcome(
        status=status,
        error_code=failure.code if failure else None,
        messages=recorder.messages(),
        usage=usage,
        terminal=_json(terminal),
    )


def error_event(failure: NetraError) -> RunErrorEvent:
    """Return the ``RUN_ERROR`` that tells of ``failure``."""
    return RunErrorEvent(
        message=failure.detail, code=failure.code, timestamp=round(time.time() * 1000)
    )


def _status(terminal: RunFinishedEvent | RunErrorEvent, failure: NetraError | None) -> RunStatus:
    if isinstance(failure, RunInterrupted):
        return "interrupted"
    if failure is not None:
        return "failed"
    outcome = terminal.outcome if isinstance(terminal, RunFinishedEvent) else None
    return "cancelled" if outcome is not None and outcome.type == "cancelled" else "completed"


def _json(event: RunFinishedEvent | RunErrorEvent) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True)
