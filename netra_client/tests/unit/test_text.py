"""The text that the SDK sends is text that the server can store."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_client.text import REPLACEMENT, is_blank, well_formed

_TEXT = st.text(st.characters() | st.sampled_from("\x00\ud83d\ude00\udc00\ud800"))
_JSON = st.recursive(
    st.none() | st.integers() | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=20,
)


@given(_JSON)
def test_cleaned_values_encode_as_utf8(value: Any) -> None:
    text = repr(well_formed(value))
    assert text.encode().decode() == text
    assert well_formed(well_formed(value)) == well_formed(value)


def test_pairs_are_joined_and_lone_surrogates_replaced() -> None:
    assert well_formed("a\ud83d" + "\ude00b") == "a\U0001f600b"
    assert well_formed("\ude00\ud83d") == REPLACEMENT * 2
    assert well_formed({"k\udc00": ("\x00x", 1)}) == {f"k{REPLACEMENT}": ["x", 1]}


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d\ufeff", "\u202e\u2066", "\u3164", "\0"])
def test_text_without_anything_visible_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200ba", "\U0001f600", "\ufffd"])
def test_text_with_something_visible_is_not_blank(text: str) -> None:
    assert not is_blank(text)
