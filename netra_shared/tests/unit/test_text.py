"""Text is well-formed after cleaning, and unchanged when it was well-formed."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netra_shared.text import REPLACEMENT, split_incomplete, well_formed

_CHARACTERS = st.characters() | st.sampled_from("\x00\ud83d\ude00\udc00\ud800")
_TEXT = st.text(_CHARACTERS)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=20,
)


@given(_JSON)
def test_cleaned_json_encodes_as_utf8_without_nul(value: Any) -> None:
    text = json.dumps(well_formed(value), ensure_ascii=False)
    assert "\\u0000" not in text
    assert text.encode().decode() == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_well_formed_text_is_unchanged(text: str) -> None:
    assert well_formed(text) == text


def test_lone_surrogates_are_replaced_and_pairs_are_joined() -> None:
    assert well_formed("a\ud83db") == f"a{REPLACEMENT}b"
    assert well_formed("a\ude00") == f"a{REPLACEMENT}"
    assert well_formed("\ud83d") == REPLACEMENT
    assert well_formed("\ud83d" + "\ude00") == "\U0001f600"
    assert well_formed({"k\udc00": ["\x00x"]}) == {f"k{REPLACEMENT}": ["x"]}


@given(_TEXT)
def test_an_incomplete_pair_is_only_at_the_end(text: str) -> None:
    head, rest = split_incomplete(text)
    assert head + rest == text
    assert rest == "" or "\ud800" <= rest <= "\udbff"
    assert not head or not rest or len(rest) == 1
