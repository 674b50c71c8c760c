"""A token verified before is believed again only while nothing that counts has changed."""

import asyncio
import time
import uuid
from typing import Any

import jwt
import pytest
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OKPKey

from netra_shared.auth.tokens import CLOCK_SKEW_SECONDS, TokenVerifier
from netra_shared.auth.verified_tokens import Verified, VerifiedTokens
from netra_shared.errors import TokenExpired, TokenInvalid


class Keys:
    """A key source whose keys can be exchanged and withdrawn."""

    def __init__(self) -> None:
        self.published: dict[str, jwt.PyJWK] = {}

    def publish(self, key: OKPKey) -> None:
        self.published["one"] = jwt.PyJWK(dict(key.as_dict(private=False)))

    async def key(self, kid: str) -> jwt.PyJWK | None:
        return self.published.get(kid)


def new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "one", "use": "sig", "alg": "EdDSA"})


def signed(key: OKPKey, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "netra-auth", "aud": "netra", "sub": str(uuid.uuid4()), "sid": str(uuid.uuid4()),
        "jti": "j", "roles": ["user"], "iat": now, "exp": now + 60, **changes,
    }  # fmt: skip
    header = {"alg": "EdDSA", "kid": "one", "typ": "at+jwt"}
    return joserfc_jwt.encode(header, claims, key, algorithms=["EdDSA"])


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def verifier(keys: Keys) -> TokenVerifier:
    return TokenVerifier(issuer="netra-auth", audience="netra", keys=keys)


async def test_the_same_token_gives_the_same_claims_again(
    keys: Keys, verifier: TokenVerifier
) -> None:
    key = new_key()
    keys.publish(key)
    token = signed(key)
    assert await verifier.verify(token) is await verifier.verify(token)


async def test_a_withdrawn_key_ends_what_it_had_signed(keys: Keys, verifier: TokenVerifier) -> None:
    key = new_key()
    keys.publish(key)
    token = signed(key)
    await verifier.verify(token)
    keys.published.clear()
    with pytest.raises(TokenInvalid):
        await verifier.verify(token)


async def test_a_replaced_key_with_the_same_id_verifies_again(
    keys: Keys, verifier: TokenVerifier
) -> None:
    key = new_key()
    keys.publish(key)
    token = signed(key)
    await verifier.verify(token)
    keys.publish(new_key())
    with pytest.raises(TokenInvalid):
        await verifier.verify(token)


async def test_a_token_expires_although_it_is_remembered(
    keys: Keys, verifier: TokenVerifier
) -> None:
    key = new_key()
    keys.publish(key)
    expires = int(time.time()) - CLOCK_SKEW_SECONDS + 2  # within the skew for a second or two
    token = signed(key, exp=expires)
    await verifier.verify(token)
    # integrity: allow no-sleep: the expiry is a moment of the clock
    await asyncio.sleep(max(0.0, expires + CLOCK_SKEW_SECONDS - time.time()) + 0.05)
    with pytest.raises(TokenExpired):
        await verifier.verify(token)


async def test_a_forged_token_is_refused_every_time(keys: Keys, verifier: TokenVerifier) -> None:
    key = new_key()
    keys.publish(key)
    genuine = signed(key)
    await verifier.verify(genuine)
    forged = genuine[:-8] + ("A" * 8 if not genuine.endswith("A" * 8) else "B" * 8)
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            await verifier.verify(forged)


def test_the_least_recently_seen_is_forgotten_first() -> None:
    verified: VerifiedTokens[int] = VerifiedTokens(limit=2)
    verified.keep("a", Verified("k", None, 1))
    verified.keep("b", Verified("k", None, 2))
    assert verified.find("a") is not None
    verified.keep("c", Verified("k", None, 3))
    assert verified.find("b") is None
    assert len(verified) == 2
