"""What a run says about itself, in one line."""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from netra_client.events import ThreadEvent
from netra_client.models import Decision
from netra_client.resume import Position
from netra_ops.chat.notices import describe_decision, notice_of, waiting_of
from netra_ops.chat.presenter import PlainPresenter
from netra_ops.chat.transcript import Notice, Transcript

ID = UUID(int=1)


def event(type_: str, **members: Any) -> ThreadEvent:
    return ThreadEvent(ID, ID, Position("e", 7), {"type": type_, **members})


def wait(**value: Any) -> ThreadEvent:
    return event("CUSTOM", name="netra.waiting", value=value)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            wait(reason="rate_limited", until=41_000),
            "the model's service limits requests at present; next attempt in 40 s",
        ),
        (
            wait(reason="unavailable", until=900),
            "the model's service is unavailable at present; trying again",
        ),
        (wait(reason="silent", until=None), "the model has not answered yet"),
        (wait(), "waiting for the model's service"),
        (event("CUSTOM", name="other", value=1), ""),
        (event("RUN_STARTED"), ""),
    ],
)
def test_a_wait_has_its_reason_and_its_end(item: ThreadEvent, text: str) -> None:
    assert waiting_of(item, now=1.0) == text


def test_answers_that_are_cut_and_partial_histories_are_notices() -> None:
    cut = event("RUN_FINISHED", metadata={"finishReason": "length"})
    filtered = event("RUN_FINISHED", metadata={"finishReason": "content_filter"})
    partial = event("CUSTOM", name="netra.historyTrimmed", value={"omitted": 3, "shortened": 1})
    assert "length limit" in notice_of(cut)
    assert "filter" in notice_of(filtered)
    assert "3 earlier messages" in notice_of(partial)
    assert notice_of(event("RUN_FINISHED")) == ""
    compacted = event("CUSTOM", name="netra.compacted", value={"messages": 12, "omitted": 0})
    assert notice_of(compacted) == "The model read a summary of 12 earlier messages."


def test_both_presentations_show_them() -> None:
    items = (
        wait(reason="rate_limited", until=None),
        event("TEXT_MESSAGE_CONTENT", delta="Half"),
        event("RUN_FINISHED", metadata={"finishReason": "length"}),
    )
    out, err = io.StringIO(), io.StringIO()
    plain, transcript = PlainPresenter(out, err), Transcript()
    plain.item(items[0])
    transcript.take(items[0], 0.0)
    assert "limits requests" in err.getvalue()
    assert "limits requests" in transcript.doing
    for item in items[1:]:
        plain.item(item)
    pieces = [piece for item in items[1:] for piece in transcript.take(item, 0.0)]
    assert out.getvalue() == "Half\n"
    assert "length limit" in err.getvalue()
    assert any(isinstance(piece, Notice) and "length limit" in piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("outcome", "reason", "line"),
    [
        ("approved", None, "You approved, "),
        ("declined", "They are\x1b[2J mine.", "You declined: They are"),
        ("dismissed", None, "You sent a new message instead of approving, "),
        ("of a newer server", None, "of a newer server, "),
    ],
)
def test_a_decision_is_one_line(outcome: str, reason: str | None, line: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    shown = describe_decision(Decision("int-c", outcome, at, reason=reason))
    assert shown.startswith(line)
    assert "\x1b" not in shown
    assert shown.endswith(at.astimezone().strftime(", %Y-%m-%d %H:%M"))
