from hypothesis import given
from hypothesis import strategies as st

from netra_ops.chat.plain_text import one_line, safe, shortened


@given(st.text())
def test_no_escape_sequence_survives(text: str) -> None:
    assert not set(safe(f"\x1b]0;title\x07{text}\x9b2J\u202e")) & set("\x1b\x07\x9b\u202e\r\b")


def test_text_lines_and_emoji_stay() -> None:
    text = "naïve\tfaçade\n日本 \U0001f469\u200d\U0001f680"
    assert safe(text) == text


@given(st.text(), st.integers(1, 40))
def test_one_line_is_one_line_and_bounded(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_shortened_ends_with_a_whole_line() -> None:
    assert shortened("one\ntwo\nthree", 9) == "one\ntwo\n\n…"
    assert shortened("short", 9) == "short"
