import asyncio

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from auth_service.app.accounts.models import UserRow
from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import (
    PASSWORD,
    Clock,
    Service,
    another_address,
    bearer,
    running,
)


def hashes() -> float:
    name = "auth_password_hash_operations_total"
    found = (REGISTRY.get_sample_value(name, {"operation": o}) for o in ("verify", "decoy", "hash"))
    return sum(value or 0.0 for value in found)


async def login(http: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await http.post(
        "/api/auth/login",
        json={"email": email, "password": password},
        headers=another_address(),
    )


async def test_sign_up_signs_in(service: Service) -> None:
    body = await service.register(email="Ada@Example.com", display_name="  Ada Lovelace ")
    assert body["user"] == {
        "id": body["user"]["id"],
        "email": "Ada@example.com",
        "display_name": "Ada Lovelace",
        "roles": ["user"],
    }
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["refresh_expires_in"] == 14 * 86400
    me = await service.http.get("/api/auth/me", headers=bearer(body))
    assert me.json() == body["user"]
    assert me.headers["cache-control"] == "no-store"


async def test_an_address_is_one_account_however_it_is_written(service: Service) -> None:
    body = await service.register(email="Grace@Example.com")
    again = await service.http.post(
        "/api/auth/register", json={"email": "GRACE@EXAMPLE.COM", "password": PASSWORD}
    )
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    assert again.json()["field"] == "email"
    answer = await login(service.http, " grace@example.COM ")
    assert answer.json()["user"]["id"] == body["user"]["id"]


async def test_two_concurrent_sign_ups_create_one_account(service: Service) -> None:
    body = {"email": "race@example.com", "password": PASSWORD}
    answers = await asyncio.gather(
        *(
            service.http.post("/api/auth/register", json=body, headers=another_address())
            for _ in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"email": "nonsense"}, "email_refused", "email"),
        ({"email": "a b@example.com"}, "email_refused", "email"),
        ({"password": "short"}, "password_refused", "password"),
        ({"password": "person@example.com"}, "password_refused", "password"),
    ],
)
async def test_refusals_name_the_field(
    http: httpx.AsyncClient, change: dict[str, str], code: str, field: str
) -> None:
    body = {"email": "person@example.com", "password": PASSWORD} | change
    answer = await http.post("/api/auth/register", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


@pytest.mark.parametrize(
    "change",
    [
        {"display_name": "a\x00b"},
        {"display_name": " "},
        {"extra": 1},
        {"password": 7},
        {"email": ""},
    ],
)
async def test_malformed_bodies_are_refused_without_repeating_the_password(
    http: httpx.AsyncClient, change: dict[str, object]
) -> None:
    body = {"email": "person@example.com", "password": PASSWORD} | change
    answer = await http.post("/api/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == next(iter(change))
    assert PASSWORD not in answer.text


async def test_unpaired_surrogates_are_refused(http: httpx.AsyncClient) -> None:
    text = b'{"email": "a@example.com", "password": "\\ud800 trombone-violet-harbour"}'
    answer = await http.post(
        "/api/auth/login", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {401, 422}


async def test_unknown_address_and_wrong_password_are_answered_alike(service: Service) -> None:
    known = (await service.register())["user"]["email"]
    answers, spent = [], []
    for email in (known, "nobody@example.com"):
        before = hashes()
        answers.append(await login(service.http, email, "wrong-horse-battery"))
        spent.append(hashes() - before)
    wrong, unknown = (answer.json() for answer in answers)
    assert [answer.status_code for answer in answers] == [401, 401]
    del wrong["trace_id"], unknown["trace_id"]
    assert wrong == unknown
    assert wrong["code"] == "credentials_refused"
    assert answers[0].headers.keys() == answers[1].headers.keys()
    assert spent == [1, 1]


async def test_the_hash_is_renewed_when_its_parameters_changed(
    settings: AuthSettings, clock: Clock
) -> None:
    async with running(settings, clock) as older:
        email = (await older.register())["user"]["email"]
    stronger = settings.model_copy(update={"argon2_passes": 2})
    async with running(stronger, clock) as service:
        for _ in range(2):
            assert (await login(service.http, email)).status_code == 200
        async with service.parts.database.transaction() as transaction:
            stored = await transaction.scalar(select(UserRow.password_hash))
        assert stored is not None
        assert stored.startswith("$argon2id$v=19$m=8192,t=2,p=1$")
        assert (await login(service.http, email)).status_code == 200


async def test_the_password_itself_is_stored_nowhere(service: Service) -> None:
    await service.register()
    async with service.parts.database.transaction() as transaction:
        user = (await transaction.scalars(select(UserRow))).one()
    assert PASSWORD not in repr(vars(user))


async def test_me_needs_a_token(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="netra"'


async def test_an_expired_access_token_has_its_own_code(settings: AuthSettings) -> None:
    past = Clock()
    past.forward(hours=-1)
    async with running(settings, past) as service:
        body = await service.register()
        answer = await service.http.get("/api/auth/me", headers=bearer(body))
        assert (answer.json()["code"], answer.json()["retry"]) == ("token_expired", "after-refresh")
