"""One run: a message sent, and the agent's answer as it streams in."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, Protocol, Self
from uuid import UUID, uuid4

from msgspec import UNSET, UnsetType

from netra_client.errors import InvalidUse, RunFailed
from netra_client.events import StreamItem, StreamReset, ThreadEvent
from netra_client.stream import ThreadStream
from netra_client.wire import CancelledRun, JsonObject, ResumedRun, StartedRun

OnBusy = Literal["reject", "interrupt"]


class Outcome(StrEnum):
    """How a run ended."""

    SUCCESS = "success"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class RunStarter(Protocol):
    """What a run needs of its client."""

    async def subscribe(self, thread_id: UUID) -> ThreadStream:
        """Read a thread."""

    async def start_run(
        self,
        thread_id: UUID,
        content: str,
        *,
        command_id: UUID,
        message_id: UUID,
        on_busy: OnBusy,
        parent_id: UUID | UnsetType | None = UNSET,
        regenerate: bool = False,
    ) -> StartedRun:
        """Send the command."""

    async def resume_run(
        self, thread_id: UUID, answers: Sequence[JsonObject], *, command_id: UUID
    ) -> ResumedRun:
        """Send the command."""

    async def cancel_run(self, run_id: UUID) -> CancelledRun:
        """Send the command."""

    async def run_status(self, thread_id: UUID, run_id: UUID) -> str | None:
        """Return the stored status, None when the run is not found."""


_OUTCOME_OF_STATUS = {
    "completed": Outcome.SUCCESS,
    "cancelled": Outcome.CANCELLED,
    "interrupted": Outcome.INTERRUPTED,
    "failed": Outcome.FAILED,
}


class Run:
    """Sends a message and iterates over the events of the answer.

    ::

        async for event in client.run(thread_id, "What is slow today?"):
            if isinstance(event, StreamReset): ...      # show event.messages, start again
            elif event.type == "TEXT_MESSAGE_CONTENT": print(event.event["delta"], end="")

    The message is sent when iteration starts (or ``start`` is awaited). Iteration ends after the
    run's terminal event; leaving it early does not stop the run, ``cancel`` does.

    Attributes:
        thread_id: the thread.
        message_id: id of the user's message; chosen here, so it may be shown before it is sent.
        command_id: makes the command idempotent: the same id never starts a second run.
        run_id: known once the run was started.
        outcome: known once it ended.
        interrupts: what a person has to answer with ``client.resume``; after
            ``Outcome.INTERRUPTED`` only.
    """

    def __init__(
        self,
        client: RunStarter,
        thread_id: UUID,
        content: str,
        *,
        on_busy: OnBusy = "reject",
        message_id: UUID | None = None,
        command_id: UUID | None = None,
        answers: Sequence[JsonObject] = (),
        parent_id: UUID | UnsetType | None = UNSET,
        regenerate: bool = False,
    ) -> None:
        self.thread_id = thread_id
        self.message_id = message_id or uuid4()
        self.command_id = command_id or uuid4()
        self.run_id: UUID | None = None
        self.outcome: Outcome | None = None
        self._client = client
        self._content = content
        self._on_busy: OnBusy = on_busy
        self._answers = answers
        self._parent_id = parent_id
        self._regenerate = regenerate
        self.interrupts: tuple[JsonObject, ...] = ()
        self._stream: ThreadStream | None = None
        self._error: RunFailed | None = None

    async def start(self) -> UUID:
        """Send the message, once; return the run's id when the message is stored.

        Raises:
            CommandRejected: ``run_busy``, ``thread_not_found``, ``message_too_large``, ...
            DeadlinePassed: ``command``; calling ``start`` again is safe.
        """
        if self.run_id is None:
            if self._stream is None:
                # Before the command, so that not even the first event can be missed.
                self._stream = await self._client.subscribe(self.thread_id)
            self.run_id = await self._send()
        return self.run_id

    async def _send(self) -> UUID:
        if self._answers:
            resumed = await self._client.resume_run(
                self.thread_id, self._answers, command_id=self.command_id
            )
            return resumed.run_id
        started = await self._client.start_run(
            self.thread_id,
            self._content,
            command_id=self.command_id,
            message_id=self.message_id,
            on_busy=self._on_busy,
            parent_id=self._parent_id,
            regenerate=self._regenerate,
        )
        return started.run_id

    async def cancel(self) -> str:
        """Ask the agent to stop; the events continue until the run's end. Returns its status."""
        if self.run_id is None:
            raise InvalidUse("The run has not been started")
        return (await self._client.cancel_run(self.run_id)).status

    async def answer(self) -> str:
        """Wait for the whole answer and return its text.

        Raises:
            RunFailed: the run ended with RUN_ERROR.
        """
        texts: dict[str, str] = {}
        async for item in self:
            if isinstance(item, StreamReset):
                # Of a run that is still active every event follows again.
                finished = item.active_run_id != self.run_id
                own = [m for m in item.messages if m.run_id == self.run_id] if finished else []
                texts = {m.id: m.text for m in own if m.role == "assistant"}
            elif item.type == "TEXT_MESSAGE_CONTENT":
                key = str(item.event.get("messageId", ""))
                texts[key] = texts.get(key, "") + str(item.event.get("delta", ""))
            for void in item.void_messages if isinstance(item, ThreadEvent) else ():
                texts.pop(void, None)
        if self._error is not None:
            raise self._error
        return "".join(texts.values())

    async def aclose(self) -> None:
        """Stop reading; the run itself continues."""
        if self._stream is not None:
            await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamItem:
        if self.outcome is not None:
            raise StopAsyncIteration
        run_id = await self.start()
        assert self._stream is not None  # noqa: S101  ``start`` has made it; for the type checker
        async for item in self._stream:
            if isinstance(item, StreamReset):
                await self._look_up(item, run_id)
                return item
            if item.run_id == run_id:
                if item.is_terminal:
                    self._end(item)
                    await self.aclose()
                return item
        raise StopAsyncIteration

    def _end(self, event: ThreadEvent) -> None:
        if event.type == "RUN_ERROR":
            self.outcome = Outcome.FAILED
            message = str(event.event.get("message", "The run failed"))
            self._error = RunFailed(message, str(event.event.get("code", "run_failed")))
            return
        outcome = event.event.get("outcome")
        kind = outcome.get("type") if isinstance(outcome, dict) else outcome
        if isinstance(outcome, dict):
            self.interrupts = tuple(outcome.get("interrupts", ()))
        self.outcome = {
            "cancelled": Outcome.CANCELLED,
            "interrupt": Outcome.INTERRUPTED,
        }.get(str(kind), Outcome.SUCCESS)

    async def _look_up(self, reset: StreamReset, run_id: UUID) -> None:
        """After a reset: did the run end while its events could not be followed?"""
        if reset.active_run_id == run_id:
            return
        status = await self._client.run_status(self.thread_id, run_id)
        self.outcome = _OUTCOME_OF_STATUS.get(status or "")
        if self.outcome is Outcome.FAILED:
            self._error = RunFailed(
                "The run failed while its events were out of reach", "run_failed"
            )
        if self.outcome is not None:
            await self.aclose()
