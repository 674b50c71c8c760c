"""Warm-up: one run through the whole pipeline, answered by the guide; the result is discarded.

pydantic-ai builds validators and imports modules at first use (100 ms and 11 modules, measured).
The warm-up does this before the process takes commands: the first user does not wait for it, and
no import happens while the instance may be short of memory.
"""

import concurrent.futures.thread  # noqa: F401  asyncio imports it at the first name lookup
from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import JsonValue
from pydantic_ai import Agent

from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.guide.model import guide_model
from netra_backend.app.agents.history import to_model_messages
from netra_backend.app.agents.ports import RunbookHit
from netra_backend.app.agents.tools import AgentDeps, Answer
from netra_backend.app.runs.assembler import MessageAssembler
from netra_backend.app.runs.event_codec import encode_event

QUESTION = "How ready is it, and what does run_busy mean?"  # reasoning, three tools, an answer


class _EmptyOperations:
    """An ``OperationsView`` without data."""

    async def readiness(self) -> Mapping[str, JsonValue]:
        return {}

    async def connections(self) -> Mapping[str, JsonValue]:
        return {}

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        return int(older_than_seconds < 0)

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        return {"code": code}

    async def search_runbook(self, _query: str) -> Sequence[RunbookHit]:
        return []


async def warm_up(agent: Agent[AgentDeps, Answer]) -> None:
    """Run ``agent`` once without its model, and convert the result in both directions."""
    deps = AgentDeps(
        user_id=UUID(int=0),
        roles=(),
        operations=_EmptyOperations(),
        issuer="",
        audience="",
    )
    assembler = MessageAssembler()
    stream = RunEventStream(thread_id="warm-up", run_id=str(UUID(int=0)))
    async with agent.run_stream_events(QUESTION, deps=deps, model=guide_model()) as native:
        async for event in stream.transform_stream(native):
            encode_event(event)
            assembler.apply(event)
    to_model_messages(assembler.messages())
