"""Chunks that arrive together become one chunk of the same meaning."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.agents.sse_filter import EventFilter


def chunk(delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "x", "choices": [choice], **more}).encode() + b"\n\n"


def deltas(data: bytes) -> list[dict[str, Any]]:
    """Return the deltas of the events in ``data``, read as a client does."""
    events = [event for event in data.split(b"\n\n") if event.strip()]
    assert all(event.startswith(b"data: ") and b"\n" not in event for event in events)
    return [json.loads(event[6:])["choices"][0]["delta"] for event in events]


def test_text_that_arrives_together_is_one_chunk() -> None:
    data = chunk({"role": "assistant", "content": "one "}) + chunk({"content": "two "})
    assert deltas(EventFilter().feed(data)) == [{"role": "assistant", "content": "one two "}]


def test_nothing_waits_for_data_that_has_not_arrived() -> None:
    events = EventFilter()
    assert deltas(events.feed(chunk({"content": "one "}))) == [{"content": "one "}]
    assert deltas(events.feed(chunk({"content": "two "}))) == [{"content": "two "}]


def test_a_chunk_whose_blank_line_arrives_later_is_one_event() -> None:
    whole = chunk({"content": "one "}) + chunk({"content": "two "})
    events = EventFilter()
    found = b"".join(events.feed(whole[at : at + 1]) for at in range(len(whole)))
    assert deltas(found) == [{"content": "one "}, {"content": "two "}]


def test_a_long_text_is_divided() -> None:
    data = b"".join(chunk({"content": "x" * 1_000}) for _ in range(10))
    lengths = [len(each["content"]) for each in deltas(EventFilter().feed(data))]
    assert sum(lengths) == 10_000
    assert max(lengths) <= 4_000


def test_a_pair_that_is_split_over_two_chunks_is_joined() -> None:
    data = chunk({"content": "\ud83d"}) + chunk({"content": "\ude00"})
    assert deltas(EventFilter().feed(data)) == [{"content": "\U0001f600"}]


@pytest.mark.parametrize(
    "other",
    [
        {"content": "<think>"},
        {"reasoning_content": "why"},
        {"content": "text", "reasoning": "why"},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]},
        {"content": "text", "annotations": []},
        {"content": 5},
        {"content": ""},
        {},
    ],
)
def test_a_chunk_with_another_meaning_keeps_its_place(other: dict[str, Any]) -> None:
    data = chunk({"content": "a"}) + chunk(other) + chunk({"content": "b"})
    assert deltas(EventFilter().feed(data)) == [{"content": "a"}, other, {"content": "b"}]


def test_a_finish_reason_is_a_chunk_of_its_own() -> None:
    data = chunk({"content": "a"}) + chunk({"content": "b"}, finish="stop")
    assert deltas(EventFilter().feed(data)) == [{"content": "a"}, {"content": "b"}]


def test_members_that_are_not_known_are_kept() -> None:
    data = chunk({"content": "a"}) + chunk({"content": "b"}, citations=["https://example.com"])
    assert EventFilter().feed(data) == data


def test_another_choice_is_another_text() -> None:
    first, second = (
        chunk({"content": "a"}),
        chunk({"content": "b"}).replace(b'index": 0', b'index": 1'),
    )
    assert EventFilter().feed(first + second) == first + second


@given(
    st.lists(st.tuples(st.sampled_from(["content", "reasoning_content"]), st.text(min_size=1))),
    st.lists(st.integers(1, 50)),
)
def test_any_division_gives_the_same_text(pieces: list[tuple[str, str]], cuts: list[int]) -> None:
    whole = b"".join(chunk({member: text}) for member, text in pieces)
    events, found = EventFilter(), b""
    for cut in cuts:
        found += events.feed(whole[:cut])
        whole = whole[cut:]
    found += events.feed(whole)
    assert _joined(next(iter(each.items())) for each in deltas(found)) == _joined(pieces)


def _joined(pieces: Any) -> list[tuple[str, str]]:
    """Return the pieces with the texts of equal members in succession joined."""
    joined: list[tuple[str, str]] = []
    for member, text in pieces:
        if joined and joined[-1][0] == member:
            joined[-1] = (member, joined[-1][1] + text)
        else:
            joined.append((member, text))
    return joined
