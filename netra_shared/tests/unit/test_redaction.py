"""No credential survives redaction in any field or sentence."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.redaction import CREDENTIAL_FIELDS, REDACTED, redact, redact_text


def compact_jwt(claims: dict[str, str]) -> str:
    def part(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'EdDSA'})}.{part(claims)}.{'s' * 86}"


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=30), min_size=1), st.text(max_size=40))
def test_a_jwt_in_any_text_is_removed(claims: dict[str, str], prefix: str) -> None:
    token = compact_jwt(claims)
    cleaned = redact_text(f"{prefix} {token} refused")
    assert token not in cleaned
    assert token.split(".")[1] not in cleaned


@given(st.binary(min_size=16, max_size=64))
def test_an_encoded_subprotocol_entry_is_removed(secret: bytes) -> None:
    entry = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    for kind in ("jwt", "ticket"):
        cleaned = redact_text(f"offered jwt-auth, {kind}.{entry}")
        assert entry not in cleaned
        assert "jwt-auth" in cleaned


@pytest.mark.parametrize("field", sorted(CREDENTIAL_FIELDS))
def test_a_credential_field_loses_its_value_at_any_depth(field: str) -> None:
    record = {"outer": [{field.upper().replace("_", "-"): "hunter2"}]}
    assert redact(record) == {"outer": [{field.upper().replace("_", "-"): REDACTED}]}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://netra:s3cr3t@db:5432/netra refused", "s3cr3t"),
        ("redis://:p4ss@localhost:6379/0", "p4ss"),
        ("GET /ws?access_token=abcdef HTTP/1.1", "abcdef"),
        ("Authorization: Bearer abcdefghijkl", "abcdefghijkl"),
        ("refresh with nrt_abcDEF-123_456789 failed", "abcDEF-123_456789"),
    ],
)
def test_passwords_in_urls_and_bearer_tokens_are_removed(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@given(st.from_regex(r"[A-Za-z ,.]{0,60}", fullmatch=True))
def test_plain_prose_is_unchanged(text: str) -> None:
    lowered = text.lower()
    if not any(word in lowered for word in ("jwt.", "ticket.", "bearer", "basic", "eyj", "nrt_")):
        assert redact_text(text) == text


def test_an_absent_credential_stays_visible_as_absent() -> None:
    assert redact({"authorization": None}) == {"authorization": None}


def test_a_long_word_is_not_quadratic() -> None:
    """A megabyte took minutes when every character could start a scheme of any length."""
    word = "x" * 1_000_000
    assert redact_text(word) == word
