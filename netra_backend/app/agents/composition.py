"""Composition of the run service with the agent executor."""

from collections.abc import Sequence

from pydantic_ai import Tool
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.definition import build_agent
from netra_backend.app.agents.executor import AgentExecutor, ToolEnvironment
from netra_backend.app.agents.history import ThreadHistory
from netra_backend.app.agents.model_choice import ModelChoice
from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.ports import ThreadMessages
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.service import RunService
from netra_backend.app.runs.store import RunStore


def build_run_service(
    engine: AsyncEngine,
    *,
    choice: ModelChoice,
    publisher: RunEventPublisher,
    threads: ThreadMessages,
    operations: OperationsView,
    policy: RunPolicy,
    instance_id: str,
    issuer: str,
    audience: str,
    tools: Sequence[Tool[AgentDeps]] | None = None,
) -> RunService:
    """Return a run service that executes its runs in this process.

    Args:
        engine: the database with the schema ``netra``.
        choice: the result of ``choose_model``.
        publisher: delivers events to subscribers.
        threads: the messages of threads.
        operations: the platform's data for the tools.
        policy: bounds.
        instance_id: the instance; unique among the running ones.
        issuer: ``iss`` of valid access tokens.
        audience: ``aud`` of valid access tokens.
        tools: the tools of the agent; Netra's own when None.
    """
    executor = AgentExecutor(
        build_agent(choice, policy, tools),
        summarizer=choice.model,
        engine=engine,
        model_name=choice.name,
        counts_tokens=choice.counts_tokens,
        history=ThreadHistory(
            engine,
            max_messages=policy.history_messages,
            max_characters=policy.history_characters,
            compacts=choice.counts_tokens,
        ),
        tools=ToolEnvironment(operations, issuer, audience),
        policy=policy,
    )
    store = RunStore(engine, threads, instance_id=instance_id, lease_seconds=policy.lease_seconds)
    journal = JournalStore(engine, owner=store.owner)
    return RunService(store, journal, executor, publisher, policy)
