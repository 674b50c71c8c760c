"""What PostgreSQL cannot hold is taken out."""

import json

from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.threads.text import storable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_whatever_a_model_says_can_be_encoded_and_holds_no_nul(value: object) -> None:
    text = json.dumps(storable(value), ensure_ascii=False)
    text.encode("utf-8")
    assert "\\u0000" not in text


def test_ordinary_text_is_untouched() -> None:
    value = {"a": ["é 漢 😀", 1, None, True]}
    assert storable(value) == value
