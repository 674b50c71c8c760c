"""The quick path accepts nothing that PyJWT would refuse, and what our issuer signs it does."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.auth.plain_jwt import read_plain

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


def quickly_accepted(token: str, algorithm: str) -> bool:
    plain = read_plain(token)
    return (
        plain is not None
        and plain.header.alg == algorithm
        and plain.is_for(issuer="netra-auth", audience="netra", now=time.time())
        and plain.signature_holds(KEYS[algorithm][1])
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
def test_what_the_issuer_signs_is_accepted_quickly(algorithm: str) -> None:
    token = jwt.encode(claims(), KEYS[algorithm][0], algorithm=algorithm, headers={"kid": "k"})
    assert quickly_accepted(token, algorithm)
    plain = read_plain(token)
    assert plain is not None
    assert plain.header.kid == "k"


@both
@pytest.mark.parametrize(
    "changes",
    [{"iss": "mallory"}, {"aud": "other"}, {"aud": ["netra"]}, {"exp": 1}, {"iat": 2**40},
     {"exp": "9999999999"}, {"sub": 7}, {"roles": "user"}, {"jti": None}, {"nbf": 2**40},
     {"extra": 1}],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_library(algorithm: str, changes: dict[str, Any]) -> None:
    token = jwt.encode(claims(**changes), KEYS[algorithm][0], algorithm=algorithm)
    assert not quickly_accepted(token, algorithm)


def segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"alg": "EdDSA", "crit": ["exp"]},
     {"alg": "EdDSA", "b64": False}, {"alg": "EdDSA", "typ": "other"}, {"typ": "JWT"}],
)  # fmt: skip
def test_no_header_talks_it_into_another_rule(header: dict[str, Any]) -> None:
    signed = f"{segment(header)}.{segment(claims())}"
    signature = base64.urlsafe_b64encode(PRIVATE.sign(signed.encode())).rstrip(b"=").decode()
    assert not quickly_accepted(f"{signed}.{signature}", "EdDSA")
    assert not quickly_accepted(f"{signed}.", "EdDSA")


def test_a_public_key_is_no_shared_secret() -> None:
    token = jwt.encode(claims(), SECRET, algorithm="HS256")
    plain = read_plain(token)
    assert plain is not None
    assert not plain.signature_holds(PRIVATE.public_key())


def test_another_key_does_not_do() -> None:
    assert not quickly_accepted(jwt.encode(claims(), OTHER, algorithm="EdDSA"), "EdDSA")


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
def test_no_mutation_is_accepted_that_the_library_refuses(
    algorithm: str, changes: list[tuple[float, str, int]]
) -> None:
    token = _tokens[algorithm]
    for where, character, kind in changes:
        at = int(where * len(token))
        token = token[:at] + (character if kind else "") + token[at + (kind != 2) :]
    assert not quickly_accepted(token, algorithm) or accepted_by_pyjwt(token, algorithm)


@given(algorithm=st.sampled_from(["HS256", "EdDSA"]), last=_characters)
def test_the_signatures_last_character_is_canonical(algorithm: str, last: str) -> None:
    token = _tokens[algorithm]
    mutated = token[:-1] + last
    assert quickly_accepted(mutated, algorithm) == (mutated == token)
