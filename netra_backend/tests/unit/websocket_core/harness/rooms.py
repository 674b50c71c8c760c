"""The other rooms' side of the ports, in memory but honest: real runs, real events.

A run answers a message by streaming its words back. Content steers it:
``words:N`` streams N words, ``hold`` waits until it is cancelled, ``fail`` is a defect,
``busy`` of a thread follows from a run that holds.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from pydantic import JsonValue

from netra_backend.app.runs.errors import RunNotFound
from netra_backend.app.runs.run_spec import ResumeRun, StartedRun, StartRun
from netra_backend.app.streams.publisher import StreamPublisher
from netra_backend.app.threads.errors import ThreadNotFound
from netra_shared.auth.tokens import Claims
from netra_shared.errors import RunBusy

Push = Callable[[Mapping[str, JsonValue]], None]


@dataclass
class Run:
    """One run and its task."""

    run_id: UUID
    thread_id: UUID
    user_id: UUID
    content: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    status: str = "running"


@dataclass
class MemoryOwners:
    """Implements ``ThreadOwners``."""

    owners: Mapping[UUID, UUID]

    async def owner_of(self, thread_id: UUID) -> UUID | None:
        return self.owners.get(thread_id)


@dataclass
class MemoryRooms:
    """Implements ``RunCommands``, ``ThreadAccess`` and ``OperationsFeed``."""

    publisher: StreamPublisher
    owners: dict[UUID, UUID] = field(default_factory=dict)
    runs: dict[UUID, Run] = field(default_factory=dict)
    by_command: dict[UUID, Run] = field(default_factory=dict)
    watchers: set[Push] = field(default_factory=set)
    published: dict[UUID, list[str]] = field(default_factory=dict)  # event JSON by thread
    slow_seconds: float = 0.0  # for looking up whose thread it is

    def thread_of(self, user_id: UUID) -> UUID:
        thread_id = uuid4()
        self.owners[thread_id] = user_id
        return thread_id

    async def may_access(self, *, user_id: UUID, thread_id: UUID) -> bool:
        await asyncio.sleep(self.slow_seconds)
        return self.owners.get(thread_id) == user_id

    async def active_run(self, thread_id: UUID) -> UUID | None:
        for run in self.runs.values():
            if run.thread_id == thread_id and run.status == "running":
                return run.run_id
        return None

    async def start(self, command: StartRun) -> StartedRun:
        thread_id = command.thread_id
        if command.content == "fail":
            raise RuntimeError("the agents' room has a defect")
        if self.owners.get(thread_id) != command.user.sub:
            raise ThreadNotFound("There is no such thread.")
        if known := self.by_command.get(command.command_id):
            return StartedRun(known.run_id, thread_id, command.message_id)
        if active := await self.active_run(thread_id):
            if command.on_busy == "reject":
                raise RunBusy("The thread has an active run.", retry_after=0.5)
            await self._stop(self.runs[active])
        run = Run(uuid4(), thread_id, command.user.sub, command.content)
        self.runs[run.run_id] = self.by_command[command.command_id] = run
        run.task = asyncio.create_task(self._execute(run))
        return StartedRun(run.run_id, thread_id, command.message_id)

    async def resume(self, command: ResumeRun) -> StartedRun:
        return await self.start(
            StartRun(
                user=command.user,
                thread_id=command.thread_id,
                command_id=command.command_id,
                message_id=uuid4(),
                content="answers:" + ",".join(str(item["status"]) for item in command.answers),
            )
        )

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        run = self.runs.get(run_id)
        if run is None or run.user_id != user.sub:
            raise RunNotFound("There is no such run.")
        await self._stop(run)
        return run.status

    async def watch(self, push: Push) -> Mapping[str, JsonValue]:
        self.watchers.add(push)
        return {"instances": [], "storeUnavailable": False}

    def unwatch(self, push: Push) -> None:
        self.watchers.discard(push)

    async def finish(self) -> None:
        for run in self.runs.values():
            run.stop.set()
        await asyncio.gather(*(run.task for run in self.runs.values() if run.task))

    async def _stop(self, run: Run) -> None:
        run.stop.set()
        if run.task is not None:
            await run.task

    async def _execute(self, run: Run) -> None:
        ids = {"threadId": str(run.thread_id), "runId": str(run.run_id)}
        message = str(uuid4())
        await self.emit(run, {"type": "RUN_STARTED", **ids})
        start = {"type": "TEXT_MESSAGE_START", "messageId": message, "role": "assistant"}
        await self.emit(run, start)
        count = int(run.content.partition(":")[2]) if run.content.startswith("words:") else 2
        for number in range(count):
            delta = {"type": "TEXT_MESSAGE_CONTENT", "messageId": message, "delta": f"w{number} "}
            await self.emit(run, delta)
        if run.content == "hold":
            await run.stop.wait()
        await self.emit(run, {"type": "TEXT_MESSAGE_END", "messageId": message})
        run.status = "cancelled" if run.stop.is_set() else "finished"
        await self.emit(run, {"type": "RUN_FINISHED", **ids}, terminal=True)

    async def emit(self, run: Run, event: dict[str, str], *, terminal: bool = False) -> None:
        text = json.dumps(event)
        self.published.setdefault(run.thread_id, []).append(text)
        await self.publisher.publish(
            thread_id=run.thread_id, run_id=run.run_id, event=text.encode(), terminal=terminal
        )
