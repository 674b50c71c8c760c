"""The parser accepts what the issuer signs, and nothing that PyJWT would refuse."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.auth.compact_jwt import CompactJwt, TokenMalformed, parse_compact

SECRET = "a-secret-of-at-least-thirty-two-bytes-for-hs256"
PRIVATE = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
KEYS: dict[str, tuple[Any, Any]] = {
    "HS256": (SECRET, SECRET),
    "EdDSA": (PRIVATE, PRIVATE.public_key()),
}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": "netra-auth", "aud": "netra", "sub": str(uuid4()), "sid": str(uuid4()), "jti": "j",
        "roles": ["user"], "iat": now, "exp": now + 60, **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def parsed(token: str) -> CompactJwt | None:
    try:
        return parse_compact(token)
    except TokenMalformed:
        return None


def accepted(token: str, algorithm: str) -> bool:
    found = parsed(token)
    return (
        found is not None
        and found.header.alg == algorithm
        and found.signature_matches(KEYS[algorithm][1])
    )


def accepted_by_pyjwt(token: str, algorithm: str) -> bool:
    try:
        jwt.decode(
            token, KEYS[algorithm][1], algorithms=[algorithm], audience="netra",
            issuer="netra-auth", options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"]},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        return False
    return True


both = pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])


@both
def test_a_token_of_the_issuer_is_parsed(algorithm: str) -> None:
    token = jwt.encode(claims(), KEYS[algorithm][0], algorithm=algorithm, headers={"kid": "k"})
    found = parse_compact(token)
    assert found.signature_matches(KEYS[algorithm][1])
    assert found.header.kid == "k"
    assert found.payload.aud == "netra"


@both
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": ["netra"]}, "Expected `str`, got `array` - at `$.aud`"),
        ({"exp": "9999999999"}, "Expected `int`, got `str` - at `$.exp`"),
        ({"exp": 10**30}, "claims: "),
        ({"exp": 2**60}, "Expected `int` <= 253402300799 - at `$.exp`"),
        ({"exp": 1.5}, "claims: "),
        ({"iat": -1}, "Expected `int` >= 0 - at `$.iat`"),
        ({"nbf": True}, "Expected `int`, got `bool` - at `$.nbf`"),
        ({"jti": None}, "missing required field `jti`"),
    ],
)
def test_a_claim_of_the_wrong_type_is_refused(
    algorithm: str, changes: dict[str, Any], reason: str
) -> None:
    body = segment(claims(**changes))
    signed = f"{segment({'alg': algorithm, 'typ': 'at+jwt'})}.{body}"
    with pytest.raises(TokenMalformed) as refused:
        parse_compact(signature_added(signed, algorithm))
    assert reason in str(refused.value)


@both
def test_an_unknown_claim_is_ignored(algorithm: str) -> None:
    token = jwt.encode(claims(extra=1), KEYS[algorithm][0], algorithm=algorithm)
    assert accepted(token, algorithm)


def signature_added(signed: str, algorithm: str = "EdDSA") -> str:
    if algorithm == "EdDSA":
        signature = PRIVATE.sign(signed.encode())
    else:
        signature = hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{encoded(signature)}"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("part", ["header", "claims"])
def test_only_utf_8_without_a_byte_order_mark_is_accepted(encoding: str, part: str) -> None:
    texts = {
        "header": json.dumps({"alg": "EdDSA", "typ": "at+jwt"}),
        "claims": json.dumps(claims()),
    }
    parts = [
        encoded(text.encode(encoding if name == part else "utf-8")) for name, text in texts.items()
    ]
    with pytest.raises(TokenMalformed, match=part):
        parse_compact(signature_added(".".join(parts)))


@pytest.mark.parametrize("padding", ["=", "=="])
def test_padding_is_refused_in_every_segment(padding: str) -> None:
    parts = _tokens["EdDSA"].split(".")
    for index in range(3):
        changed = [part + padding if n == index else part for n, part in enumerate(parts)]
        assert parsed(".".join(changed)) is None


def segment(content: dict[str, Any]) -> str:
    return encoded(json.dumps(content).encode())


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"alg": "EdDSA", "crit": ["exp"]},
     {"alg": "EdDSA", "b64": False}, {"alg": "EdDSA", "typ": 1}, {"typ": "at+jwt"},
     {"alg": "EdDSA", "zip": "DEF"}, {"alg": "EdDSA", "jku": "https://evil.example"},
     {"alg": "EdDSA", "jwk": {}}],
)  # fmt: skip
def test_no_header_changes_the_rules(header: dict[str, Any]) -> None:
    signed = f"{segment(header)}.{segment(claims())}"
    assert not accepted(signature_added(signed), "EdDSA")
    assert not accepted(f"{signed}.", "EdDSA")


def test_a_public_key_is_not_a_shared_secret() -> None:
    token = jwt.encode(claims(), SECRET, algorithm="HS256")
    found = parsed(token)
    assert found is not None
    assert not found.signature_matches(PRIVATE.public_key())


def test_a_signature_by_another_key_is_refused() -> None:
    assert not accepted(jwt.encode(claims(), OTHER, algorithm="EdDSA"), "EdDSA")


_characters = st.sampled_from("ABCDabcd0123-_=.+/ \n\x00é")
_tokens = {
    name: jwt.encode(claims(exp=int(time.time()) + 3600), keys[0], algorithm=name)
    for name, keys in KEYS.items()
}


@given(
    algorithm=st.sampled_from(["HS256", "EdDSA"]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), _characters, st.integers(0, 2)),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
def test_no_mutation_is_accepted_that_pyjwt_refuses(
    algorithm: str, changes: list[tuple[float, str, int]]
) -> None:
    token = _tokens[algorithm]
    for where, character, kind in changes:
        at = int(where * len(token))
        token = token[:at] + (character if kind else "") + token[at + (kind != 2) :]
    assert not accepted(token, algorithm) or accepted_by_pyjwt(token, algorithm)


@given(algorithm=st.sampled_from(["HS256", "EdDSA"]), last=_characters)
def test_the_last_character_of_a_signature_is_canonical(algorithm: str, last: str) -> None:
    token = _tokens[algorithm]
    mutated = token[:-1] + last
    assert accepted(mutated, algorithm) == (mutated == token)
