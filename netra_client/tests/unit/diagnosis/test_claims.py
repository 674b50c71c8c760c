"""What a token's times allow, without verifying it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_client.diagnosis.claims import judge_clock, judge_token, read_claims
from netra_client.diagnosis.findings import Answer

NOW = 1_795_000_000.0


def token(**claims: object) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "EdDSA"}, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


@pytest.mark.parametrize(
    ("given_token", "answer", "evidence"),
    [
        (None, Answer.UNKNOWN, "no token was given"),
        ("opaque", Answer.UNKNOWN, "not a compact JWT"),
        ("a.%%%.c", Answer.UNKNOWN, "not a compact JWT"),
        (token(), Answer.UNKNOWN, "no exp claim"),
        (token(exp=NOW + 60, iss="netra-auth"), Answer.YES, "expires in 60 s, issued by netra"),
        (token(exp=NOW - 5), Answer.NO, "expired 5 s ago"),
        (token(exp=NOW + 900, nbf=NOW + 120), Answer.NO, "becomes valid in 120 s"),
        (token(exp=NOW + 900, iat=NOW + 10), Answer.YES, "expires in 900 s"),
    ],
)
def test_the_times_of_a_token(given_token: str | None, answer: Answer, evidence: str) -> None:
    judged = judge_token(given_token, NOW)
    assert judged.answer is answer
    assert evidence in judged.evidence
    assert bool(judged.remedy) is (answer is Answer.NO)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    claims = read_claims(text)
    assert claims is None or text.count(".") == 2


@pytest.mark.parametrize(
    ("skew", "answer"),
    [(None, Answer.UNKNOWN), (0.4, Answer.YES), (-30, Answer.YES), (31, Answer.NO)],
)
def test_clocks_may_differ_by_half_a_minute(skew: float | None, answer: Answer) -> None:
    assert judge_clock(skew).answer is answer
