"""The Python SDK and the services clean text by one rule, although the SDK imports no service."""

from hypothesis import given
from hypothesis import strategies as st

from netra_client import text as client
from netra_shared import text as server

CHARACTERS = st.characters() | st.sampled_from("\x00\ud83d\ude00\udfff\u2800\u3164\u202e\u200b ")


@given(st.text(CHARACTERS))
def test_both_store_the_same_text(value: str) -> None:
    assert client.well_formed(value) == server.well_formed(value)


@given(st.text(CHARACTERS))
def test_both_see_the_same_blanks(value: str) -> None:
    assert client.is_blank(value) == server.is_blank(value)
