import io
import json
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from netra_client.errors import ConnectionLost
from netra_client.events import StreamReset, ThreadEvent
from netra_client.resume import Position
from netra_client.states import Closed, Connected, Connecting, Leaving, Waiting
from netra_ops.chat.presenter import JsonPresenter, PlainPresenter, describe
from netra_ops.chat.rich_presenter import RichPresenter

ID = UUID(int=1)
LOST = ConnectionLost("reset by peer")


def event(type_: str, **members: Any) -> ThreadEvent:
    return ThreadEvent(ID, ID, Position("e", 7), {"type": type_, **members})


ANSWER = (
    event("RUN_STARTED"),
    event("TOOL_CALL_START", toolCallId="a", toolCallName="look"),
    event("TOOL_CALL_RESULT", toolCallId="a", content="found"),
    event("TEXT_MESSAGE_CONTENT", delta="**bold** "),
    event("TEXT_MESSAGE_CONTENT", delta="word\x1b[2J"),
    event("TEXT_MESSAGE_END"),
    event("RUN_FINISHED"),
)


def test_plain_text_keeps_the_answer_apart_from_everything_else() -> None:
    out, err = io.StringIO(), io.StringIO()
    presenter = PlainPresenter(out, err)
    presenter.start()
    for item in ANSWER:
        presenter.item(item)
    presenter.state(Waiting(1.5, LOST))
    presenter.end()
    assert out.getvalue() == "**bold** word[2J\n"
    assert err.getvalue().splitlines() == [
        "netra: calling look",
        "netra: Connection lost (reset by peer); reconnecting in 1.5 s",
    ]


def test_json_lines_carry_the_place_in_the_order() -> None:
    out = io.StringIO()
    presenter = JsonPresenter(out)
    presenter.item(event("RUN_STARTED"))
    presenter.item(StreamReset(ID, "trimmed", None, ()))
    for state in (Connecting(1), Connected("c", "i", None), Waiting(1, LOST), Closed(None)):
        presenter.state(state)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0] == {
        "type": "event",
        "threadId": str(ID),
        "runId": str(ID),
        "epoch": "e",
        "offset": 7,
        "event": {"type": "RUN_STARTED"},
    }
    assert lines[1]["reason"] == "trimmed"
    assert [line["state"] for line in lines[2:]] == ["connecting", "connected", "waiting", "closed"]
    assert lines[3]["instanceId"] == "i"
    assert lines[4]["code"] == "connection_lost"


@pytest.mark.parametrize("state", [Connecting(1), Connected("c", "i", None), Closed(None)])
def test_what_is_expected_is_not_mentioned(state: Connecting | Connected | Closed) -> None:
    assert describe(state) == ""
    assert describe(Leaving("max_age", 3)) == ""


@pytest.mark.parametrize(
    ("typed", "approved"), [("y", True), ("YES", True), ("", False), ("no", False)]
)
def test_a_terminal_asks_and_nothing_but_a_yes_approves(
    monkeypatch: pytest.MonkeyPatch, typed: str, *, approved: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\nMine.\n"))
    out = io.StringIO()
    presenter = RichPresenter(Console(file=out, width=80))
    (answer,) = presenter.decide([{"id": "int-1", "message": "Approve stop(\x1b[2J)?"}])
    assert answer["payload"] == {"approved": approved} | ({} if approved else {"reason": "Mine."})
    assert "Approve stop(" in out.getvalue()
    assert "[y/N]" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


def test_a_terminal_shows_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    out = io.StringIO()
    presenter = RichPresenter(Console(file=out, width=80))
    presenter.start()
    arguments = ('{"minutes": 30, "why":', ' "they hang\\u001b[2J", "runs": ["a", 1]}')
    presenter.item(event("TOOL_CALL_START", toolCallId="a", toolCallName="stop_long_runs"))
    for delta in arguments:
        presenter.item(event("TOOL_CALL_ARGS", toolCallId="a", delta=delta))
    presenter.end()
    presenter.decide([{"id": "int-1", "message": "Stop them?", "toolCallId": "a"}])
    shown = out.getvalue()
    assert "  Tool: stop_long_runs\n  minutes: 30\n  why: they hang[2J\n  runs: " in shown
    assert "\x1b[2J" not in shown


def test_where_no_one_can_be_asked_nothing_is_approved() -> None:
    out, err = io.StringIO(), io.StringIO()
    waiting = [{"id": "int-1", "message": "Approve stop()?"}]
    assert PlainPresenter(out, err).decide(waiting) == []
    assert "Waits for approval: Approve stop()?" in out.getvalue() + err.getvalue()
    assert JsonPresenter(out).decide(waiting) == []


@pytest.mark.parametrize("no_color", [True, False])
def test_a_terminal_shows_markdown_tools_and_trouble(*, no_color: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, no_color=no_color)
    presenter = RichPresenter(console)
    presenter.start()
    for item in ANSWER[:4]:
        presenter.item(item)
    presenter.state(Waiting(1.5, LOST))
    presenter.state(Waiting(2.5, LOST))
    assert "2.5 s" in presenter.trouble
    presenter.state(Connected("c", "i", None))
    assert presenter.trouble == ""
    for item in ANSWER[4:]:
        presenter.item(item)
    presenter.end()
    shown = out.getvalue()
    assert "look" in shown
    assert "**bold**" not in shown
    assert "\x1b[2J" not in shown
    assert "Connected again; nothing was missed." in shown
    assert ("\x1b[1;35m" in shown) is not no_color
