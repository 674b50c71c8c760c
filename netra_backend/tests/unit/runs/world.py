"""A small world for run tests: real database, real agent pipeline, watchers in this process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from pydantic import JsonValue
from pydantic_ai import Tool
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_backend.app.agents.composition import build_run_service
from netra_backend.app.agents.error_catalogue import explain_error_code
from netra_backend.app.agents.model_choice import ModelChoice, choose_model
from netra_backend.app.agents.ports import RunbookHit
from netra_backend.app.agents.runbook.search import RunbookSearch
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.db.tables import runs
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.run_spec import StartedRun, StartRun
from netra_backend.app.runs.service import RunService
from netra_backend.app.threads.messages import MessageWriter
from netra_backend.app.threads.service import ThreadService
from netra_shared.auth.tokens import Claims
from netra_shared.errors import Unavailable
from netra_shared.stores.database import async_url

PATIENCE_SECONDS = 40.0

# A lease outlives any standstill of the machine; a test that needs its end says so.
QUICK = RunPolicy(
    run_seconds=60,
    lease_seconds=30.0,
    heartbeat_seconds=0.2,
    sweep_seconds=0.2,
    drain_seconds=0.2,
    interrupt_seconds=10.0,
    terminal_publish_seconds=0.5,
)


def user(*roles: str) -> Claims:
    """Return a new user's claims."""
    now = round(time.time())
    return Claims(
        sub=uuid4(), sid=uuid4(), jti=uuid4().hex, roles=("user", *roles), iat=now, exp=now + 900
    )


class Watchers:
    """Implements ``RunEventPublisher``: keeps every event per thread, can be broken."""

    def __init__(self) -> None:
        self.events: dict[UUID, list[bytes]] = defaultdict(list)
        self.of_run: dict[UUID, list[bytes]] = defaultdict(list)
        self.unreadable = False
        self.lost: set[UUID] = set()
        self.restarted: list[UUID] = []
        self.terminals: dict[UUID, int] = defaultdict(int)
        self.broken: Callable[[bytes], bool] = lambda _event: False
        self._changed = asyncio.Condition()

    async def publish(
        self,
        *,
        thread_id: UUID,
        run_id: UUID,
        event: bytes,
        terminal: bool,
    ) -> None:
        if self.broken(event):
            raise Unavailable("the stream store does not answer")
        async with self._changed:
            self.events[thread_id].append(event)
            self.of_run[run_id].append(event)
            self.terminals[thread_id] += terminal
            self._changed.notify_all()

    async def published(
        self,
        *,
        thread_id: UUID,  # noqa: ARG002  the port's argument
        run_id: UUID,
    ) -> Sequence[bytes] | None:
        if self.unreadable:
            raise Unavailable("the stream store does not answer")
        return None if run_id in self.lost else self.of_run[run_id]

    async def restart(self, *, thread_id: UUID, run_id: UUID) -> None:
        self.restarted.append(thread_id)
        self.of_run[run_id].clear()
        self.events[thread_id].clear()  # every reader loads the history again

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds after some event."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def ended(self, thread_id: UUID, runs: int = 1) -> list[bytes]:
        """Wait for the terminal event of ``runs`` runs; return all events of the thread."""
        await self.until(lambda: self.terminals[thread_id] >= runs)
        return self.events[thread_id]


@dataclass
class Operations:
    """Implements ``OperationsView`` with this test's facts and the real runbook search."""

    runbook: RunbookSearch
    stopped: list[float] = field(default_factory=list)
    facts: dict[str, JsonValue] = field(
        default_factory=lambda: {"status": "pass", "checks": {"postgres": {"status": "pass"}}}
    )

    async def readiness(self) -> Mapping[str, JsonValue]:
        return self.facts

    async def connections(self) -> Mapping[str, JsonValue]:
        return {"ready": 3, "closed": {"4401": 2}}

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        self.stopped.append(older_than_seconds)
        return 3

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        return explain_error_code(code)

    async def search_runbook(self, query: str) -> Sequence[RunbookHit]:
        return await self.runbook.search(query)


@dataclass
class Instance:
    """One process's worth of services."""

    runs: RunService
    watchers: Watchers

    async def say(self, who: Claims, thread_id: UUID, content: str, **others: Any) -> StartedRun:
        """Start a run with fresh ids."""
        ids = {"command_id": uuid4(), "message_id": uuid4()}
        command = StartRun(user=who, thread_id=thread_id, content=content, **(ids | others))
        return await self.runs.start(command)


@dataclass
class World:
    """A database and the instances that a test starts on it."""

    engine: AsyncEngine
    threads: ThreadService
    watchers: Watchers
    operations: Operations

    async def thread(self, who: Claims) -> UUID:
        """Create a thread and return its id."""
        thread, _ = await self.threads.create(user_id=who.sub, thread_id=uuid4(), title=None)
        return thread.id

    def instance(
        self,
        model: FunctionModel | ModelChoice | None = None,
        policy: RunPolicy = QUICK,
        *,
        publisher: RunEventPublisher | None = None,
        tools: Sequence[Tool[AgentDeps]] | None = None,
        instance_id: str | None = None,
    ) -> Instance:
        """Return an instance that has not started serving; the guide answers by default."""
        choice = model or choose_model(None)
        if isinstance(choice, FunctionModel):
            choice = ModelChoice(choice, choice.model_name, counts_tokens=True)
        runs = build_run_service(
            self.engine,
            choice=choice,
            publisher=publisher or self.watchers,
            threads=MessageWriter(),
            operations=self.operations,
            policy=policy,
            instance_id=instance_id or uuid4().hex[:12],
            issuer="netra-auth",
            audience="netra",
            tools=tools,
        )
        return Instance(runs, self.watchers)

    @asynccontextmanager
    async def serving(
        self, model: FunctionModel | ModelChoice | None = None, policy: RunPolicy = QUICK
    ) -> AsyncIterator[Instance]:
        """Serve with one instance; it is stopped at the end."""
        instance = self.instance(model, policy)
        await instance.runs.start_serving()
        try:
            yield instance
        finally:
            await instance.runs.stop()

    async def stored(self, who: Claims, thread_id: UUID) -> list[dict[str, Any]]:
        """Return the thread's messages, as clients get them."""
        page = await self.threads.list_messages(user_id=who.sub, thread_id=thread_id, limit=200)
        return [item.body for item in page.items]

    async def run_of(self, who: Claims, thread_id: UUID) -> Any:
        """Return the newest run."""
        page = await self.threads.list_runs(user_id=who.sub, thread_id=thread_id, limit=1)
        return page.items[0]

    async def free(self, thread_id: UUID) -> None:
        """Wait until no run holds the thread."""

        async def is_free() -> bool:
            return await self.threads.active_run(thread_id) is None

        await until(is_free)

    async def lease_is_over(self, thread_id: UUID) -> bool:
        """Return whether another instance may take over the thread's run."""
        async with self.engine.connect() as connection:
            over = select(runs.c.lease_expires_at <= func.now())
            return bool(await connection.scalar(over.where(runs.c.thread_id == thread_id)))

    async def said(self, thread_id: UUID, text: str) -> None:
        """Wait until the thread's watchers have seen ``text``."""
        await self.watchers.until(
            lambda: text.encode() in b"".join(self.watchers.events[thread_id])
        )


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Poll a condition that nothing announces, such as a row of the database."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            state = condition()
            if state if isinstance(state, bool) else await state:
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def world_on(url: str) -> AsyncIterator[World]:
    """Return a world on a migrated database."""
    engine = create_async_engine(async_url(url), pool_size=10)
    try:
        yield World(engine, ThreadService(engine), Watchers(), Operations(RunbookSearch(engine)))
    finally:
        await engine.dispose()


class GatedModel:
    """A model that says ``words`` one by one, each after ``gate`` lets it."""

    def __init__(self, *words: str) -> None:
        self.gate = asyncio.Semaphore(0)
        self.words = words

    async def _respond(self, _messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        for word in self.words:
            await self.gate.acquire()
            yield word

    def model(self) -> FunctionModel:
        """Return it as a pydantic-ai model."""
        return FunctionModel(stream_function=self._respond, model_name="gated")

    def allow(self, words: int) -> None:
        """Let it say ``words`` more words."""
        for _ in range(words):
            self.gate.release()
