"""People who follow a run are notified that the model is waited for, with the reason."""

import time
from collections.abc import Mapping
from email.utils import formatdate

import pytest
from ag_ui.core import BaseEvent, RunStartedEvent, TextMessageEndEvent, TextMessageStartEvent

from netra_backend.app.agents.model_waits import WaitNotices, wait_after
from netra_backend.app.runs.waiting import ModelWait, is_waiting_event
from test_framework.waiting import eventually


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (200, {"retry-after": "9"}, None),
        (400, {"retry-after": "9"}, None),
        (429, {"retry-after": "40"}, ModelWait("rate_limited", 40.0)),
        (429, {"retry-after-ms": "1500", "retry-after": "2"}, ModelWait("rate_limited", 1.5)),
        (429, {}, ModelWait("rate_limited")),
        (429, {"retry-after": "soon"}, ModelWait("rate_limited")),
        (503, {"retry-after": "3600"}, ModelWait("unavailable")),
        (503, {"retry-after": "-1"}, ModelWait("unavailable")),
        (529, {}, ModelWait("unavailable")),
    ],
)
def test_the_wait_after_an_answer(
    status: int, headers: Mapping[str, str], wait: ModelWait | None
) -> None:
    assert wait_after(status, headers) == wait


def test_a_date_is_a_wait_too() -> None:
    wait = wait_after(503, {"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert wait is not None
    assert wait.seconds == pytest.approx(30, abs=2)


class Recorder:
    """Keeps what is recorded."""

    def __init__(self) -> None:
        self.events: list[BaseEvent] = []

    async def record(self, event: BaseEvent) -> None:
        self.events.append(event)

    @property
    def notices(self) -> int:
        return sum(map(is_waiting_event, self.events))


async def test_silence_is_reported_once_between_the_parts_of_an_answer() -> None:
    recorder = Recorder()
    async with WaitNotices(recorder, silence_seconds=0.05) as notices:
        await notices.record(RunStartedEvent(thread_id="t", run_id="r"))
        await eventually(lambda: recorder.notices == 1)
        await notices.record(TextMessageStartEvent(message_id="m"))
        await notices.record(TextMessageEndEvent(message_id="m"))
        await eventually(lambda: recorder.notices == 2)
    kinds = [event.type.value for event in recorder.events]
    assert kinds == ["RUN_STARTED", "CUSTOM", "TEXT_MESSAGE_START", "TEXT_MESSAGE_END", "CUSTOM"]
