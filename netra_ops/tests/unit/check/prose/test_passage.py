import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.check.prose.passage import count_words, is_message, without_code


def test_code_spans_and_urls_are_blanked() -> None:
    assert without_code("a `begin` b") == "a         b"
    assert without_code("a ``x\ny`` b").count("\n") == 1
    assert "begin" not in without_code("see https://example.org/begin now")


@given(st.text())
def test_blanking_keeps_every_position(text: str) -> None:
    blanked = without_code(text)
    assert len(blanked) == len(text)
    assert blanked.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("one", 1), ("two, words", 2), ("it's 3 a.m.", 3)]
)
def test_words_are_counted(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(("text", "message"), [("a_code", False), ("two words", True), ("", False)])
def test_a_message_has_two_words(text: str, message: bool) -> None:  # noqa: FBT001  # pytest parameter
    assert is_message(text) is message
