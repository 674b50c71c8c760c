"""What a deploy gives to the operations page, with a sender that does what each test says."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from netra_backend.app.operations.release_report import RolloutEntry
from netra_ops.deploy import operations_page
from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.guardian import NoBuilder
from netra_ops.deploy.operations_page import on_operations_page
from netra_ops.deploy.pipeline.context import Choices, Context
from netra_ops.deploy.progress import Event
from netra_ops.deploy.target import find_target
from netra_ops.errors import SomethingAbsent
from netra_ops.measure.operator_reports import NO_OPERATOR

NOWHERE = "http://127.0.0.1:1"


@dataclass
class Sender:
    """In place of the platform; ``answer`` returns what prevented a report."""

    answer: Callable[[], str] = str
    sent: list[RolloutEntry] = field(default_factory=list)

    def __call__(self, _target: object, _tokens: object, rollout: RolloutEntry) -> str:
        self.sent.append(rollout)
        return self.answer()


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    found = Sender()
    monkeypatch.setattr(operations_page, "_send", found)
    monkeypatch.setattr(operations_page, "SHORTEST_SECONDS", 0.0)
    return found


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def context(events: list[Event]) -> Context:
    target = find_target(environment="local", endpoint=NOWHERE, url=NOWHERE)
    return Context(target, Choices(reason="faster"), NoBuilder(), events.append, "ana@laptop")


def test_the_last_report_has_every_step_and_the_end(context: Context, sender: Sender) -> None:
    with on_operations_page(context, "netra deploy") as shown:
        for name in ("stage", "verify"):
            shown.step(name).done("fine")
    last = sender.sent[-1]
    assert [(one.name, one.state, one.text) for one in last.steps] == [
        ("stage", "done", "fine"),
        ("verify", "done", "fine"),
    ]
    assert last.ended_at is not None
    assert (last.command, last.by, last.reason, last.problem) == (
        "netra deploy", "ana@laptop", "faster", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (DeployFailed("the canary failed"), "the canary failed"),
        (KeyboardInterrupt(), "interrupted"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_the_end_has_the_reason(
    context: Context, sender: Sender, error: BaseException, problem: str
) -> None:
    def deploy() -> None:
        with on_operations_page(context, "netra deploy") as shown:
            shown.step("stage")
            raise error

    with pytest.raises(type(error)):
        deploy()
    assert sender.sent[-1].problem == problem


def test_a_command_that_takes_no_step_reports_nothing(context: Context, sender: Sender) -> None:
    with pytest.raises(DeployFailed), on_operations_page(context, "netra deploy"):
        raise DeployFailed("locked")
    assert sender.sent == []


def test_what_prevents_reports_is_shown_once(
    context: Context, sender: Sender, events: list[Event]
) -> None:
    sender.answer = lambda: "the operations page was not updated: HTTP 503"
    with on_operations_page(context, "netra deploy") as shown:
        step = shown.step("stage")
        while len(sender.sent) < 2:
            step.note("still at work")
            time.sleep(0.01)
    assert len(sender.sent) >= 3
    assert [one.text for one in events if one.step == "page"] == [sender.answer()]


def test_without_credentials_for_a_second_client_it_stops(
    context: Context, sender: Sender, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_endpoint: str) -> None:
        raise SomethingAbsent("no credentials", remedy="sign in")

    monkeypatch.setattr(operations_page, "connect", refuse)
    with on_operations_page(context, "netra deploy") as shown:
        shown.step("stage").done()
    assert sender.sent == []
    (note,) = [one.text for one in events if one.step == "page"]
    assert note == "the operations page was not updated: no credentials"


def test_without_the_role_it_stops(context: Context, sender: Sender, events: list[Event]) -> None:
    sender.answer = lambda: NO_OPERATOR
    with on_operations_page(context, "netra deploy") as shown:
        step = shown.step("stage")
        while not any(one.step == "page" for one in events):
            time.sleep(0.01)
        step.done()
    assert len(sender.sent) == 1


def test_a_platform_that_does_not_answer_cannot_keep_the_command(
    context: Context, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer, answered = threading.Event(), threading.Event()

    def answer() -> str:
        may_answer.wait(60)
        answered.set()
        return ""

    sender.answer = answer
    monkeypatch.setattr(operations_page, "END_SECONDS", 0.1)
    with on_operations_page(context, "netra deploy") as shown:
        shown.step("stage").done()
    assert not answered.is_set()  # the command ended before
    may_answer.set()
