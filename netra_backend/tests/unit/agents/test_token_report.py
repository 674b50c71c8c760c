"""What is said about an access token."""

import base64
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.agents.token_report import report_on

NOW = 1_800_000_000.0
KEY = Ed25519PrivateKey.generate()
CLAIMS: dict[str, Any] = {
    "iss": "netra-auth",
    "aud": "netra",
    "sub": str(uuid4()),
    "sid": str(uuid4()),
    "jti": "secret-id",
    "iat": int(NOW) - 10,
    "exp": int(NOW) + 890,
    "roles": ["user"],
}


def sign(claims: dict[str, Any], **headers: str) -> str:
    return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"kid": "k1", **headers})


def report(token: str) -> Any:
    return report_on(token, issuer="netra-auth", audience="netra", now=NOW)


def test_a_sound_token_is_in_order_and_says_that_the_signature_is_unchecked() -> None:
    result = report(sign(CLAIMS))
    assert result["problems"] == []
    assert result["signature_checked"] is False
    assert result["claims"]["roles"] == ["user"]
    assert result["claims"]["exp"] == "2027-01-15 08:14:50 UTC"


def test_neither_the_token_nor_its_session_is_repeated() -> None:
    token = sign(CLAIMS)
    shown = repr(report(token))
    assert token.rpartition(".")[2] not in shown
    assert CLAIMS["sid"] not in shown
    assert CLAIMS["jti"] not in shown


def test_the_subprotocol_form_is_understood() -> None:
    wrapped = base64.urlsafe_b64encode(sign(CLAIMS).encode()).decode().rstrip("=")
    assert report(wrapped)["problems"] == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"exp": int(NOW) - 61}, "It expired 1 min 1 s ago"),
        ({"exp": int(NOW) - 5}, "It expired 5 s ago"),
        ({"iat": int(NOW) + 60}, "issued in the future"),
        ({"iss": "elsewhere"}, "another issuer"),
        ({"aud": ["a", "b"]}, "another audience"),
        ({"sub": "alice"}, "sub is not a UUID"),
        ({"sid": None}, "sid is not a UUID"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], problem: str) -> None:
    problems = report(sign(CLAIMS | change))["problems"]
    assert len(problems) == 1
    assert problem in problems[0]


def test_missing_claims_are_named() -> None:
    claims = {key: value for key, value in CLAIMS.items() if key not in {"sid", "roles"}}
    assert report(sign(claims))["problems"] == ["Required claims are missing: sid, roles."]


def test_a_shared_secret_is_not_accepted_here() -> None:
    token = jwt.encode(CLAIMS, "k" * 32, algorithm="HS256")
    assert "not signed with EdDSA" in report(token)["problems"][0]


@given(st.text(max_size=60) | st.from_regex(r"eyJ[A-Za-z0-9_-]{0,20}(\.[A-Za-z0-9_-]{0,9}){0,3}"))
def test_anything_else_is_not_a_token_and_no_reason_to_fail(text: str) -> None:
    assert report(text)["readable"] in {True, False}
