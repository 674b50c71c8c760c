from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.sessions.refresh_tokens import (
    new_refresh_token,
    open_successor,
    refresh_token_hash,
    seal_successor,
)


def test_tokens_are_long_recognisable_and_different() -> None:
    first, second = new_refresh_token(), new_refresh_token()
    assert first != second
    assert first.startswith("nrt_")
    assert len(first) == 47


@given(st.text(max_size=64))
def test_any_text_has_a_hash(text: str) -> None:
    assert len(refresh_token_hash(text)) == 32


@given(st.text(min_size=1, max_size=64), st.binary(max_size=80))
def test_only_the_spent_token_opens_its_successor(other: str, forged: bytes) -> None:
    spent, successor = new_refresh_token(), new_refresh_token()
    sealed = seal_successor(spent, successor)
    assert open_successor(spent, sealed) == successor
    assert open_successor(other, sealed) is None
    assert open_successor(spent, forged) is None
