"""The verifier accepts what the issuer signs and nothing else; joserfc signs."""

import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, OKPKey

from netra_shared.auth.jwks import JwksCache, JwksUnavailable
from netra_shared.auth.tokens import (
    MAX_TOKEN_BYTES,
    REQUIRED_CLAIMS,
    TokenVerifier,
    ticket_audience,
)
from netra_shared.errors import TokenExpired, TokenInvalid

KEY = OKPKey.generate_key("Ed25519", {"kid": "one", "use": "sig", "alg": "EdDSA"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "one", "use": "sig", "alg": "EdDSA"})


class Issuer:
    """A real HTTP server that publishes a key set and counts how often it is asked."""

    def __init__(self) -> None:
        self.requests = 0
        self.status = 200
        self.document: Any = {"keys": [KEY.as_dict(private=False)]}
        self.talks = Event()
        self.talks.set()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests += 1
                issuer.talks.wait()
                body = json.dumps(issuer.document).encode()
                with suppress(OSError):  # the client has closed the connection
                    self.send_response(issuer.status)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks.json"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.talks.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    server = Issuer()
    yield server
    server.close()


@pytest.fixture
async def keys(issuer: Issuer) -> AsyncIterator[JwksCache]:
    cache = JwksCache(issuer.url)
    yield cache
    await cache.close()


@pytest.fixture
def verifier(keys: JwksCache) -> TokenVerifier:
    return TokenVerifier(issuer="netra-auth", audience="netra", keys=keys)


def payload(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": "netra-auth",
        "aud": "netra",
        "sub": str(uuid.uuid4()),
        "sid": str(uuid.uuid4()),
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + 900,
        "roles": ["user", "operator"],
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed(
    claims: dict[str, Any], key: OKPKey = KEY, kid: str = "one", typ: str | None = "at+jwt"
) -> str:
    header = {"alg": "EdDSA", "kid": kid} | ({"typ": typ} if typ else {})
    return jwt.encode(header, claims, key, algorithms=["EdDSA"])


async def test_a_token_of_the_issuer_yields_its_claims(verifier: TokenVerifier) -> None:
    expected = payload()
    claims = await verifier.verify(signed(expected))
    assert str(claims.sub) == expected["sub"]
    assert str(claims.sid) == expected["sid"]
    assert claims.roles == ("user", "operator")
    assert claims.is_operator


@pytest.mark.parametrize("claim", REQUIRED_CLAIMS)
async def test_each_claim_is_required(verifier: TokenVerifier, claim: str) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(signed(payload(**{claim: None})))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "other"}, "wrong audience"),
        ({"iss": "mallory"}, "wrong issuer"),
        ({"sub": "root"}, "must be UUIDs"),
        ({"roles": "operator"}, "list of strings"),
        ({"roles": [1]}, "list of strings"),
    ],
)
async def test_a_wrong_claim_is_refused_with_its_reason(
    verifier: TokenVerifier, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(TokenInvalid, match=reason):
        await verifier.verify(signed(payload(**changes)))


async def test_an_expired_token_has_its_own_error(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenExpired):
        await verifier.verify(signed(payload(exp=int(time.time()) - 60)))


async def test_a_forged_signature_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid, match="signature"):
        await verifier.verify(signed(payload(), OTHER))


@pytest.mark.parametrize("typ", [None, "JWT", "id+jwt", "logout+jwt", "ticket+jwt", "at+jwt "])
async def test_only_access_tokens_are_accepted(verifier: TokenVerifier, typ: str | None) -> None:
    with pytest.raises(TokenInvalid, match="typ"):
        await verifier.verify(signed(payload(), typ=typ))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
async def test_the_type_is_a_media_type(verifier: TokenVerifier, typ: str) -> None:
    assert (await verifier.verify(signed(payload(), typ=typ))).is_operator


@pytest.mark.parametrize("changes", [{"iat": 2**33}, {"nbf": 2**33}])
async def test_a_token_of_the_future_is_refused(
    verifier: TokenVerifier, changes: dict[str, int]
) -> None:
    with pytest.raises(TokenInvalid, match="not valid yet"):
        await verifier.verify(signed(payload(**changes)))


async def test_a_signed_ticket_statement_is_valid_for_its_own_ticket(
    verifier: TokenVerifier,
) -> None:
    statement = signed(payload(aud=ticket_audience("d1")), typ="ticket+jwt")
    assert (await verifier.verify_ticket(statement, "d1")).is_operator
    with pytest.raises(TokenInvalid, match="wrong audience"):
        await verifier.verify_ticket(statement, "d2")


async def test_a_statement_is_no_access_token_and_the_reverse(verifier: TokenVerifier) -> None:
    statement = signed(payload(aud=ticket_audience("d1")), typ="ticket+jwt")
    with pytest.raises(TokenInvalid, match="typ"):
        await verifier.verify(statement)
    with pytest.raises(TokenInvalid, match="typ"):
        await verifier.verify_ticket(signed(payload()), "d1")


@pytest.mark.parametrize("statement", ['{"sub": "x"}', "", "x" * (MAX_TOKEN_BYTES + 1)])
async def test_an_unsigned_statement_is_refused(verifier: TokenVerifier, statement: str) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify_ticket(statement, "d1")


async def test_algorithm_confusion_is_refused(verifier: TokenVerifier) -> None:
    public = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    forged = jwt.encode({"alg": "HS256", "kid": "one"}, payload(), public)
    with pytest.raises(TokenInvalid, match="EdDSA"):
        await verifier.verify(forged)


@pytest.mark.parametrize("token", ["", "a.b.c", "jwt", "x" * (MAX_TOKEN_BYTES + 1)])
async def test_garbage_is_refused_without_asking_the_issuer(
    verifier: TokenVerifier, issuer: Issuer, token: str
) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(token)
    assert issuer.requests == 0


async def test_forged_key_ids_cannot_flood_the_issuer(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    await verifier.verify(signed(payload()))
    for number in range(50):
        with pytest.raises(TokenInvalid, match="does not publish"):
            await verifier.verify(signed(payload(), kid=f"forged-{number}"))
    assert issuer.requests == 1


async def test_known_keys_outlive_an_outage_of_the_issuer(
    verifier: TokenVerifier, keys: JwksCache, issuer: Issuer
) -> None:
    await verifier.verify(signed(payload()))
    issuer.status = 500
    with pytest.raises(JwksUnavailable):
        await keys.refresh()
    assert (await verifier.verify(signed(payload()))).is_operator


async def test_no_caller_waits_for_an_issuer_whose_last_answer_failed(
    issuer: Issuer,
) -> None:
    keys = JwksCache(issuer.url, max_age=0.0)
    await keys.refresh()
    issuer.talks.clear()
    with pytest.raises(JwksUnavailable):
        await keys.refresh()
    for _ in range(3):
        with pytest.raises(StopIteration) as answered:
            keys.key("one").send(None)  # finished at its first step, without waiting
        assert answered.value.value is not None
    await keys.close()


async def test_a_malformed_key_set_is_an_outage(issuer: Issuer) -> None:
    issuer.document = []
    keys = JwksCache(issuer.url)
    with pytest.raises(JwksUnavailable):
        await keys.refresh()
    await keys.close()


async def test_without_any_known_key_the_outage_is_reported(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    issuer.status = 500
    with pytest.raises(JwksUnavailable):
        await verifier.verify(signed(payload()))


async def test_the_shared_secret_verifies_hs256_only() -> None:
    secret = "s" * 32
    verifier = TokenVerifier(issuer="netra-auth", audience="netra", shared_secret=secret)
    key = OctKey.import_key(secret)
    for kind in ("JWT", "at+jwt"):
        token = jwt.encode({"alg": "HS256", "typ": kind}, payload(), key)
        assert (await verifier.verify(token)).is_operator
    for header in ({"alg": "HS256"}, {"alg": "HS256", "typ": ""}, {"alg": "HS256", "typ": "x"}):
        # jws adds no typ of its own
        token = jws.serialize_compact(header, json.dumps(payload()), key)
        with pytest.raises(TokenInvalid, match="typ"):
            await verifier.verify(token)
    with pytest.raises(TokenInvalid):
        await verifier.verify(signed(payload()))
