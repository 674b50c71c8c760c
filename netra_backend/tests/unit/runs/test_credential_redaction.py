"""Access tokens are taken out of messages."""

import base64

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.runs.credential_redaction import PLACEHOLDER, redact_credentials

TOKEN = jwt.encode({"sub": "somebody"}, "k" * 32, algorithm="HS256")
WRAPPED = base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "around", ["{}", "why is {} refused?", "Bearer {}", "jwt.{}", '"{}",', "<{}>", "a\n{}\nb"]
)
@pytest.mark.parametrize("token", [TOKEN, WRAPPED])
def test_tokens_are_replaced_and_kept_apart(around: str, token: str) -> None:
    redacted = redact_credentials(around.format(token))
    assert redacted.text == around.format(PLACEHOLDER)
    assert redacted.tokens == (token,)
    assert token not in repr(redacted)


def test_at_most_three_are_kept_and_all_are_removed() -> None:
    redacted = redact_credentials(" ".join([TOKEN] * 5))
    assert len(redacted.tokens) == 3
    assert TOKEN not in redacted.text


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10)), st.text(max_size=20))
def test_no_part_of_any_token_stays(claims: dict[str, str], before: str) -> None:
    token = jwt.encode(claims, "k" * 32, algorithm="HS256")
    text = redact_credentials(f"{before} {token}").text
    assert token.rpartition(".")[2] not in text


@pytest.mark.parametrize(
    "text", ["hello", "eyJ", "a.b.c", "version 1.2.3", "https://e.org/eyJx", "ZXlK is short"]
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact_credentials(text).text == text
