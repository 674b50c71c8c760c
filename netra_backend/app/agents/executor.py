"""Executes a run with a pydantic-ai agent."""

from dataclasses import dataclass

from ag_ui.core import RunStartedEvent
from pydantic_ai import Agent, CancellationToken
from pydantic_ai.models import Model
from pydantic_ai.run import AgentRunResult
from pydantic_ai.usage import UsageLimits
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.approvals import deferred_results, load_paused, paused_messages
from netra_backend.app.agents.compaction import Compaction, trimmed_event
from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.failures import explain_failure
from netra_backend.app.agents.finish_reasons import finish_reason_of
from netra_backend.app.agents.history import History, ThreadHistory
from netra_backend.app.agents.model_waits import WaitNotices
from netra_backend.app.agents.owned_tasks import owned_tasks
from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.agents.tools import AgentDeps, Answer
from netra_backend.app.agents.warm_up import warm_up
from netra_backend.app.runs.control import RunControl
from netra_backend.app.runs.credential_redaction import PLACEHOLDER
from netra_backend.app.runs.journal import RunJournal
from netra_backend.app.runs.outcome import conclude
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.run_spec import RunOutcome, RunSpec
from netra_shared.errors import NetraError

SHORTEST_RUN_SECONDS = 1.0  # for a run recovered after its deadline, to end in order


@dataclass(frozen=True, slots=True)
class ToolEnvironment:
    """What the tools of every run use.

    Args:
        operations: the platform's data.
        issuer: the ``iss`` of valid access tokens, for ``check_access_token``.
        audience: the ``aud`` of valid access tokens.
    """

    operations: OperationsView
    issuer: str
    audience: str


class AgentExecutor:
    """Implements ``netra_backend.app.runs.ports.RunExecutor`` in this process.

    Args:
        agent: answers messages.
        summarizer: writes the summaries of long threads.
        engine: stores them.
        model_name: stored with each run.
        counts_tokens: whether the model measures its usage.
        history: the earlier messages that the model receives.
        tools: what the tools use.
        policy: deadlines and limits.
    """

    def __init__(
        self,
        agent: Agent[AgentDeps, Answer],
        *,
        summarizer: Model,
        engine: AsyncEngine,
        model_name: str,
        counts_tokens: bool,
        history: ThreadHistory,
        tools: ToolEnvironment,
        policy: RunPolicy,
    ) -> None:
        self._agent = agent
        self._summarizer = summarizer
        self._engine = engine
        self._model_name = model_name
        self._counts_tokens = counts_tokens
        self._history = history
        self._tools = tools
        self._policy = policy

    @property
    def model_name(self) -> str:
        """Return the model name that is stored with each run."""
        return self._model_name

    async def warm_up(self) -> None:
        """Execute one run without the model."""
        await warm_up(self._agent)

    async def execute(
        self, spec: RunSpec, control: RunControl, recorder: RunRecorder, journal: RunJournal
    ) -> RunOutcome:
        """Execute the run; see ``RunExecutor.execute``."""
        stream = RunEventStream(
            thread_id=str(spec.thread_id),
            run_id=str(spec.run_id),
            include_usage=self._counts_tokens,
            parent_run_id=str(spec.parent_run_id) if spec.parent_run_id else None,
            control=control,
        )
        failure: NetraError | None = None
        paused: str | None = None
        try:
            async with owned_tasks():
                paused = await self._stream(spec, control, recorder, journal, stream)
            failure = stream.failure
        except Exception as error:  # noqa: BLE001  every run needs an outcome
            failure = explain_failure(error)
        return await conclude(recorder, failure, paused)

    async def _stream(
        self,
        spec: RunSpec,
        control: RunControl,
        recorder: RunRecorder,
        journal: RunJournal,
        stream: RunEventStream,
    ) -> str | None:
        """Return the model's messages as JSON when the run is paused for a person; else None."""
        history = await self._history.before(thread_id=spec.thread_id, message_id=spec.message_id)
        notices = WaitNotices(recorder)
        paused: str | None = None
        cancellation = CancellationToken()
        control.on_cancel(cancellation.cancel)

        async def keep(result: AgentRunResult[Answer]) -> None:
            nonlocal paused
            paused = paused_messages(result, len(history.messages))
            stream.finish_reason = finish_reason_of(result.response)

        events = self._agent.run_stream_events(
            None if spec.answers else spec.prompt,
            message_history=[*history.messages, *load_paused(spec.paused_messages)],
            deferred_tool_results=deferred_results(spec.answers),
            conversation_id=str(spec.thread_id),
            deps=AgentDeps(
                user_id=spec.user_id,
                roles=spec.roles,
                operations=self._tools.operations,
                issuer=self._tools.issuer,
                audience=self._tools.audience,
                tokens=spec.tokens,
                tokens_lost=spec.attempt > 1 and PLACEHOLDER in spec.prompt,
                journal=journal,
                compaction=self._compaction(spec, history, notices),
            ),
            cancellation_token=cancellation,
            timeout=max(self._policy.run_seconds - spec.age_seconds, SHORTEST_RUN_SECONDS),
            usage_limits=UsageLimits(
                request_limit=self._policy.model_requests,
                tool_calls_limit=self._policy.tool_calls,
            ),
        )
        async with notices, events as native:
            async for event in stream.transform_stream(native, on_complete=keep):
                await notices.record(event)
                if isinstance(event, RunStartedEvent) and (history.omitted or history.shortened):
                    await notices.record(trimmed_event(history.omitted, history.shortened))
        return paused

    def _compaction(
        self, spec: RunSpec, history: History, notices: WaitNotices
    ) -> Compaction | None:
        if not history.summary and history.earlier is None:
            return None
        return Compaction(
            self._summarizer,
            self._engine,
            thread_id=spec.thread_id,
            max_characters=self._policy.history_characters,
            summary=history.summary,
            earlier=history.earlier,
            report=notices.record,
        )
