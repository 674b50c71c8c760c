"""Instances that were lost in the middle of a run, and the scripted model whose run it was."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from sqlalchemy import func, update

from netra_backend.app.agents.guide.model import Delta
from netra_backend.app.db.tables import runs
from netra_backend.app.runs.control import CancelReason
from netra_backend.tests.unit.runs.world import QUICK, Instance, World
from netra_shared.auth.tokens import Claims

# It does not renew in these tests; it speaks until it is declared dead.
LOST = replace(QUICK, lease_seconds=60.0)


@dataclass
class Script:
    """A model that first calls a tool and then says ``words``; it counts what it was asked."""

    words: tuple[str, ...]
    tool: str = "explain_code"
    arguments: str = '{"code": "run_busy"}'
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def model(self) -> FunctionModel:
        return FunctionModel(stream_function=self._respond, model_name="script")

    async def _respond(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[Delta]:
        last = messages[-1]
        assert isinstance(last, ModelRequest)
        if not any(isinstance(part, ToolReturnPart) for part in last.parts):
            self.asked.append("call")
            call_id = f"call-{uuid4().hex}"
            yield "Let me look. "
            yield {1: DeltaToolCall(self.tool, self.arguments, tool_call_id=call_id)}
            return
        self.asked.append("answer")
        for word in self.words:
            await self.gate.acquire()
            yield word

    def allow(self, words: int) -> None:
        for _ in range(words):
            self.gate.release()


async def lose(world: World, who: Claims, thread_id: UUID, script: Script) -> Instance:
    """Start a run on an instance that falls silent after the script's first word."""
    lost = world.instance(script.model(), LOST)
    run = await lost.say(who, thread_id, "hello")
    script.allow(1)
    await world.said(thread_id, script.words[0].split()[0])
    await die(world, lost, run.run_id)
    return lost


async def die(world: World, instance: Instance, run_id: UUID) -> None:
    """Let the instance's run look as if its process had died."""
    instance.runs._tasks.cancel(run_id, CancelReason.LEASE_LOST)
    async with world.engine.begin() as connection:
        await connection.execute(
            update(runs).where(runs.c.id == run_id).values(lease_expires_at=func.now())
        )


def texts(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "TEXT_MESSAGE_CONTENT")
