"""Fences, line breaks and parts in a message leave the document around it as it is."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from netra_backend.app.threads.markdown_export import describe, heading_of, markdown_of
from netra_backend.app.threads.values import Decision, Siblings, StoredMessage, Thread

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def message(siblings: Siblings | None = None, **body: Any) -> StoredMessage:
    return StoredMessage(uuid4(), 1, None, None, body, AT, siblings)


def decision(outcome: Any, reason: str | None = None) -> Decision:
    return Decision("i", "c", outcome, reason, None, AT)


def test_the_title_is_one_line() -> None:
    thread = Thread(uuid4(), uuid4(), "a\nb", AT, AT, None, None)
    assert heading_of(thread).splitlines()[0] == "# a b"


def test_a_version_is_named_where_there_are_several() -> None:
    two = Siblings(0, 2, None, uuid4())
    assert "*2026-01-02 03:04 UTC, version 1 of 2*" in markdown_of(
        message(two, role="user", content="hi"), {}
    )
    assert "version" not in markdown_of(message(role="user", content="hi"), {})


def test_a_result_cannot_leave_its_block() -> None:
    shown = markdown_of(message(role="tool", content="```\n# not a heading\n````"), {})
    assert shown == "\nResult:\n\n`````\n```\n# not a heading\n````\n`````\n"


def test_reasoning_of_several_lines_is_one_quotation() -> None:
    shown = markdown_of(message(role="reasoning", content="a\n\nb"), {})
    assert shown.endswith("> a\n> \n> b\n")


def test_content_of_parts_is_its_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "binary"}, "?", {"type": "text", "text": "b"}]
    assert markdown_of(message(role="user", content=parts), {}).endswith("\nab\n")


def test_a_call_has_its_decision() -> None:
    call = {"id": "c", "function": {"name": "stop", "arguments": "{}"}}
    asked = message(role="assistant", content=None, toolCalls=[call])
    shown = markdown_of(asked, {"c": decision("declined", "No.\nNever.")})
    assert "Tool `stop`:\n\n```\n{}\n```\n" in shown
    assert "> You declined: No.\n> Never., 2026-01-02 03:04 UTC\n" in shown
    assert "You " not in markdown_of(asked, {})


def test_each_outcome_is_a_sentence() -> None:
    assert describe(decision("approved")) == "You approved, 2026-01-02 03:04 UTC"
    assert describe(decision("dismissed")).startswith("You sent a new message instead")
