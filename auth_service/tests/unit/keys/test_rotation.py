"""The stored ring with several concurrent instances, and its tokens with a second library."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from joserfc import jwt as jose
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet, OctKey
from sqlalchemy import select

from auth_service.app.config import AuthSettings
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.keys.sealing import Sealer
from auth_service.tests.unit.support import Clock, Service, running
from netra_shared.errors import ConfigurationError


@pytest.fixture
async def fleet(settings: AuthSettings, clock: Clock) -> AsyncIterator[list[Service]]:
    """Three instances that started at the same moment on an empty ring."""
    async with AsyncExitStack() as stack:
        yield list(
            await asyncio.gather(
                *(stack.enter_async_context(running(settings, clock)) for _ in range(3))
            )
        )


async def published(service: Service) -> list[str]:
    answer = await service.http.get("/.well-known/jwks.json")
    return [key["kid"] for key in answer.json()["keys"]]


def verify(token: str, keys: dict[str, object]) -> dict[str, object]:
    decoded = jose.decode(token, KeySet.import_key_set(keys), algorithms=["EdDSA"])  # type: ignore[arg-type]
    assert decoded.header["typ"] == "at+jwt"
    return decoded.claims


async def refresh(service: Service) -> None:
    assert service.parts.keeper is not None
    await service.parts.keeper.refresh()


async def test_instances_that_start_together_agree_on_one_key(fleet: list[Service]) -> None:
    sets = [await published(service) for service in fleet]
    assert sets[0] == sets[1] == sets[2]
    assert len(sets[0]) == 1


async def test_another_library_verifies_the_tokens(service: Service) -> None:
    body = await service.register()
    keys = (await service.http.get("/api/auth/.well-known/jwks.json")).json()
    claims = verify(body["access_token"], keys)
    assert claims["iss"] == "netra-auth"
    assert claims["aud"] == "netra"
    assert claims["sub"] == body["user"]["id"]
    assert claims["roles"] == ["user"]
    assert claims["exp"] - claims["iat"] == 900  # type: ignore[operator]


async def test_the_key_set_may_be_cached(http: httpx.AsyncClient) -> None:
    answer = await http.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert {"kty", "crv", "x", "kid", "use", "alg"} == answer.json()["keys"][0].keys()


async def test_a_verifier_gets_the_same_key_every_time(fleet: list[Service]) -> None:
    keeper = fleet[0].parts.keeper
    assert keeper is not None
    kid = keeper.signing().kid
    first = await keeper.key(kid)
    await keeper.refresh()
    assert first is not None
    assert await keeper.key(kid) is first  # else no verified token would ever be found again


async def test_a_key_lives_through_its_phases(fleet: list[Service], clock: Clock) -> None:
    first, *others = fleet
    old = (await published(first))[0]
    token = (await first.register())["access_token"]
    cached = (await first.http.get("/.well-known/jwks.json")).json()

    clock.forward(days=30, hours=-1)
    await asyncio.gather(*(refresh(service) for service in fleet))
    ring = await published(first)
    assert ring[0] == old
    assert len(ring) == 2
    assert all([await published(service) == ring for service in others])
    still_old = (await first.register())["access_token"]
    verify(still_old, cached)

    clock.forward(hours=1)
    newer = (await first.register())["access_token"]
    with pytest.raises(InvalidKeyIdError):
        verify(newer, cached)
    verify(newer, (await others[0].http.get("/.well-known/jwks.json")).json())
    verify(token, (await others[0].http.get("/.well-known/jwks.json")).json())

    clock.forward(hours=1)
    await asyncio.gather(*(refresh(service) for service in fleet))
    assert await published(first) == ring[1:]


async def test_rotation_on_request_is_agreed_by_all(fleet: list[Service], clock: Clock) -> None:
    rotations = [service.parts.keeper for service in fleet]
    await asyncio.gather(*(keeper._rotation.on_request() for keeper in rotations if keeper))
    await asyncio.gather(*(refresh(service) for service in fleet))
    assert len(await published(fleet[0])) == 2
    clock.forward(hours=1, seconds=1)
    kids = {keeper.signing().kid for keeper in rotations if keeper}
    assert kids == {(await published(fleet[0]))[1]}


async def test_an_emergency_withdraws_everything(service: Service) -> None:
    token = (await service.register())["access_token"]
    keeper = service.parts.keeper
    assert keeper is not None
    await keeper._rotation.in_emergency()
    await keeper.refresh()
    me = await service.http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (me.status_code, me.json()["code"]) == (401, "token_invalid")
    verify(
        (await service.register())["access_token"],
        (await service.http.get("/.well-known/jwks.json")).json(),
    )


async def test_private_keys_are_encrypted_and_can_be_encrypted_again(
    service: Service, settings: AuthSettings
) -> None:
    keeper = service.parts.keeper
    assert keeper is not None
    seed = keeper.signing().seed
    async with service.parts.database.transaction() as transaction:
        row = (await transaction.scalars(select(SigningKeyRow))).one()
    assert seed not in row.sealed_private_key
    present = settings.encryption_keys[0]
    replacement = Sealer([b"n" * 32, present])
    keeper._rotation._sealer = replacement
    assert [await keeper._rotation.reseal() for _ in range(2)] == [1, 0]
    async with service.parts.database.transaction() as transaction:
        row = (await transaction.scalars(select(SigningKeyRow))).one()
    assert Sealer([b"n" * 32]).open(row.kid, row.sealed_private_key) == seed


async def test_a_lost_encryption_key_stops_the_start(settings: AuthSettings) -> None:
    async with running(settings):
        pass
    lost = AuthSettings(
        **(settings.model_dump() | {"auth_key_encryption_key": "A" * 43, "trusted_proxies": ""})
    )
    with pytest.raises(ConfigurationError, match="AUTH_KEY_ENCRYPTION_KEY does not decrypt"):
        async with running(lost):
            pytest.fail("it must not start")


async def test_a_shared_secret_signs_in_tests_only(settings: AuthSettings) -> None:
    secret = "s" * 32
    shared = AuthSettings(
        **(settings.model_dump() | {"jwt_secret_key": secret, "trusted_proxies": "127.0.0.1"})
    )
    async with running(shared) as service:
        body = await service.register()
        assert (await service.http.get("/.well-known/jwks.json")).json() == {"keys": []}
        claims = jose.decode(
            body["access_token"], OctKey.import_key(secret), algorithms=["HS256"]
        ).claims
        assert claims["sub"] == body["user"]["id"]
        me = await service.http.get(
            "/api/auth/me", headers={"Authorization": f"Bearer {body['access_token']}"}
        )
        assert me.status_code == 200
