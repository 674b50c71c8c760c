"""Finds out that a run waits for the model's service, and reports it to the people who follow it.

Two sources: the transport sees answers that ask for another attempt, and a clock sees silence. A
provider's SDK repeats a request after ``Retry-After`` (RFC 9110, section 10.2.3) without a sign:
two times 40 s were 80 s of nothing.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Protocol, Self

import httpx2
from ag_ui.core import (
    BaseEvent,
    ReasoningEndEvent,
    ReasoningStartEvent,
    RunErrorEvent,
    RunFinishedEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

from netra_backend.app.runs.waiting import ModelWait, waiting_event

SILENCE_SECONDS = 5.0  # a person doubts after 10 s (Nielsen, Usability Engineering, section 5.5)
_LONGEST_RETRY_SECONDS = 120.0  # the OpenAI SDK ignores a longer Retry-After

_OPENING = (TextMessageStartEvent, ReasoningStartEvent, ToolCallStartEvent)
_CLOSING = (TextMessageEndEvent, ReasoningEndEvent, ToolCallResultEvent)
_TERMINAL = (RunFinishedEvent, RunErrorEvent)
_RATE_LIMITED = 429
_REPEATED = {408, 409, _RATE_LIMITED}
_SERVER_ERRORS = 500

_report: ContextVar[Callable[[ModelWait], None] | None] = ContextVar("model_wait", default=None)


class EventRecorder(Protocol):
    """Takes the events of a run, one at a time (``RunRecorder``)."""

    async def record(self, event: BaseEvent) -> None:
        """Record one event."""


class WaitNotices(AbstractAsyncContextManager["WaitNotices"]):
    """Records the events of one run, and a notice when the model is waited for.

    A notice is recorded only between the parts of an answer: while a tool or a message is in
    progress, that is what people see.

    Args:
        recorder: of the run.
        silence_seconds: without an event, before the first notice.
    """

    def __init__(self, recorder: EventRecorder, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._recorder = recorder
        self._silence_seconds = silence_seconds
        self._lock = asyncio.Lock()  # the recorder takes one event at a time
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._quiet_since: float | None = None  # None: the model is not waited for
        self._open = 0
        self._wait: ModelWait | None = None
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the clock; the transport of this context reports here."""
        _report.set(self._take)
        self._task = asyncio.create_task(self._watch(), name="model-wait-notices")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the clock. A notice that is being published is finished: streams have no gaps."""
        self._stopped = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def record(self, event: BaseEvent) -> None:
        """Record an event of the run."""
        async with self._lock:
            if isinstance(event, _OPENING):
                self._open += 1
            elif isinstance(event, _CLOSING):
                self._open = max(0, self._open - 1)
            waited = self._quiet_since is None
            self._quiet_since = None
            if not self._open:
                self._quiet_since = self._loop.time()
                if waited:
                    self._wake.set()
            self._stopped |= isinstance(event, _TERMINAL)
            self._wait = None
            await self._recorder.record(event)

    def _take(self, wait: ModelWait) -> None:
        self._wait = wait
        self._wake.set()

    async def _watch(self) -> None:
        while not self._stopped:
            try:
                async with asyncio.timeout_at(self._due_at()):
                    await self._wake.wait()
            except TimeoutError:
                self._wait = self._wait or ModelWait("silent")
            self._wake.clear()
            async with self._lock:
                await self._notify()

    def _due_at(self) -> float | None:
        return None if self._quiet_since is None else self._quiet_since + self._silence_seconds

    async def _notify(self) -> None:
        wait, self._wait = self._wait, None
        if wait is None or self._stopped or self._open or self._quiet_since is None:
            return
        if (
            wait.reason == "silent"
            and self._loop.time() < self._quiet_since + self._silence_seconds
        ):
            return  # an event arrived meanwhile
        self._quiet_since = None  # one notice for each silence
        await self._recorder.record(waiting_event(wait))


class NoticingTransport(httpx2.AsyncHTTPTransport):
    """Reports answers after which the provider's SDK waits and repeats the request."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request; see ``httpx2.AsyncBaseTransport``."""
        response = await super().handle_async_request(request)
        report = _report.get()
        if report is not None and (wait := wait_after(response.status_code, response.headers)):
            report(wait)
        return response


def wait_after(status: int, headers: Mapping[str, str]) -> ModelWait | None:
    """Return the wait that an answer causes; None when the SDK does not repeat the request."""
    if status not in _REPEATED and status < _SERVER_ERRORS:
        return None
    seconds = _retry_after(headers)
    if seconds is not None and not 0 < seconds <= _LONGEST_RETRY_SECONDS:
        seconds = None
    return ModelWait("rate_limited" if status == _RATE_LIMITED else "unavailable", seconds)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    try:
        return parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time()
    except (TypeError, ValueError):
        return None
