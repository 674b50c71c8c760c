"""Putting this room together from the parts that the application chose."""

from collections.abc import Sequence

from pydantic_ai import Tool
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.definition import build_agent
from netra_backend.app.agents.executor import AgentExecutor
from netra_backend.app.agents.history import ThreadHistory
from netra_backend.app.agents.model_choice import ModelChoice
from netra_backend.app.agents.ports import OperationsView, RunEventPublisher
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.service import RunService
from netra_backend.app.runs.store import RunStore


def build_run_service(
    engine: AsyncEngine,
    *,
    choice: ModelChoice,
    publisher: RunEventPublisher,
    operations: OperationsView,
    policy: RunPolicy,
    instance_id: str,
    issuer: str,
    audience: str,
    tools: Sequence[Tool[AgentDeps]] | None = None,
) -> RunService:
    """Return a service whose runs execute in this process.

    Args:
        engine: the database with the schema ``netra``.
        choice: what ``choose_model`` returned.
        publisher: brings events to watchers.
        operations: what the tools may see.
        policy: bounds.
        instance_id: names this process; must be unique among the living ones.
        issuer: ``iss`` of valid access tokens.
        audience: ``aud`` of valid access tokens.
        tools: what the agent may call; Netra's own when None.
    """
    executor = AgentExecutor(
        build_agent(choice, policy, tools),
        model_name=choice.name,
        counts_tokens=choice.counts_tokens,
        history=ThreadHistory(
            engine,
            max_messages=policy.history_messages,
            max_characters=policy.history_characters,
        ),
        operations=operations,
        issuer=issuer,
        audience=audience,
        policy=policy,
    )
    store = RunStore(engine, instance_id=instance_id, lease_seconds=policy.lease_seconds)
    journal = JournalStore(engine, owner=store.owner)
    return RunService(store, journal, executor, publisher, policy)
