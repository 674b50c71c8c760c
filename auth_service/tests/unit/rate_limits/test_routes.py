"""Rate limits over HTTP."""

import asyncio

import httpx
import pytest
from prometheus_client import REGISTRY

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import (
    PASSWORD,
    Service,
    another_address,
    bearer,
    make_settings,
    running,
)

LOGIN = "login_per_address"
ADDRESS = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def settings(migrated_postgres_url: str, valkey_url: str) -> AuthSettings:
    return make_settings(
        migrated_postgres_url,
        valkey_url,
        rate_login_per_address="5 per 1 hour",
        rate_login_per_account="3 per 1 hour",
        rate_login_per_stranger="2 per 1 hour",
        rate_register_per_address="2 per 1 hour",
        rate_refresh_per_address="2 per 1 hour",
        rate_ticket_per_account="2 per 1 hour",
    )


async def login(
    http: httpx.AsyncClient, email: str, password: str, address: dict[str, str]
) -> httpx.Response:
    return await http.post(
        "/api/auth/login", json={"email": email, "password": password}, headers=address
    )


def refused(answer: httpx.Response, limit: str) -> bool:
    assert answer.status_code == 429, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    return bool(answer.json()["code"] == "too_many_attempts" and answer.json()["limit"] == limit)


async def test_many_failing_addresses_leave_each_further_one_fewer_attempts(
    service: Service,
) -> None:
    email = (await service.register())["user"]["email"]
    for _ in range(3):
        answer = await login(service.http, email, "wrong-horse-battery", another_address())
        assert answer.status_code == 401
    stranger = another_address()
    for _ in range(2):
        answer = await login(service.http, email.upper(), "wrong-horse-battery", stranger)
        assert answer.status_code == 401
    locked = await login(service.http, email, PASSWORD, stranger)
    assert refused(locked, "login_per_stranger")


async def test_strangers_cannot_lock_an_account_for_its_owner(service: Service) -> None:
    email = (await service.register())["user"]["email"]
    home = another_address()
    assert (await login(service.http, email, PASSWORD, home)).status_code == 200
    for _ in range(20):
        await login(service.http, email, "wrong-horse-battery", another_address())
    assert (await login(service.http, email, PASSWORD, another_address())).status_code == 200
    assert (await login(service.http, email, PASSWORD, home)).status_code == 200


async def test_many_correct_sign_ins_from_one_address_pass(service: Service) -> None:
    emails = [(await service.register())["user"]["email"] for _ in range(12)]
    answers = await asyncio.gather(
        *(login(service.http, email, PASSWORD, ADDRESS) for email in emails)
    )
    assert [answer.status_code for answer in answers] == [200] * 12


async def test_an_exhausted_address_still_serves_its_familiar_accounts(service: Service) -> None:
    email = (await service.register())["user"]["email"]
    assert (await login(service.http, email, PASSWORD, ADDRESS)).status_code == 200
    for n in range(5):
        await login(service.http, f"d{n}@example.com", PASSWORD, ADDRESS)
    assert refused(await login(service.http, "d6@example.com", PASSWORD, ADDRESS), LOGIN)
    assert (await login(service.http, email, PASSWORD, ADDRESS)).status_code == 200


async def test_clients_refused_together_get_different_retry_times(service: Service) -> None:
    for n in range(5):
        await login(service.http, f"e{n}@example.com", PASSWORD, ADDRESS)
    answers = [await login(service.http, "e6@example.com", PASSWORD, ADDRESS) for _ in range(20)]
    waits = sorted(answer.json()["retry_after"] for answer in answers)
    assert len(set(waits)) == 20
    assert waits[-1] - waits[0] > 600  # of an hour


async def test_a_familiar_address_is_limited_all_the_same(service: Service) -> None:
    email = (await service.register())["user"]["email"]
    home = another_address()
    await login(service.http, email, PASSWORD, home)
    answers = [await login(service.http, email, "wrong-horse-battery", home) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_sign_in_works_without_valkey_and_asks_it_once(migrated_postgres_url: str) -> None:
    cut_off = make_settings(migrated_postgres_url, "redis://127.0.0.1:1/0")
    async with running(cut_off) as service:
        email = (await service.register())["user"]["email"]
        before = swallowed("familiar_address_unknown") + swallowed("familiar_address_not_kept")
        assert (await login(service.http, email, PASSWORD, another_address())).status_code == 200
        after = swallowed("familiar_address_unknown") + swallowed("familiar_address_not_kept")
    assert after == before


def swallowed(reason: str) -> float:
    return REGISTRY.get_sample_value("swallowed_exceptions_total", {"reason": reason}) or 0.0


async def test_an_unknown_account_is_limited_like_a_known_one(service: Service) -> None:
    for _ in range(3):
        await login(service.http, "unknown@example.com", PASSWORD, another_address())
    stranger = another_address()
    for _ in range(2):
        await login(service.http, "unknown@example.com", PASSWORD, stranger)
    answer = await login(service.http, "unknown@example.com", PASSWORD, stranger)
    assert refused(answer, "login_per_stranger")


async def test_a_success_forgives_the_account(service: Service) -> None:
    email = (await service.register())["user"]["email"]
    for password in ("wrong-a", "wrong-b", PASSWORD, "wrong-c", "wrong-d", PASSWORD):
        answer = await login(service.http, email, password, another_address())
        assert answer.status_code == (200 if password == PASSWORD else 401)


async def test_an_address_is_limited_over_accounts_and_restarts(settings: AuthSettings) -> None:
    async with running(settings) as service:
        for n in range(5):
            answer = await login(service.http, f"a{n}@example.com", PASSWORD, ADDRESS)
            assert answer.status_code == 401
    async with running(settings) as restarted:
        answer = await login(restarted.http, "a6@example.com", PASSWORD, ADDRESS)
        assert refused(answer, "login_per_address")
        other = await login(restarted.http, "a6@example.com", PASSWORD, another_address())
        assert other.status_code == 401


async def test_sign_up_refresh_and_tickets_have_limits_of_their_own(service: Service) -> None:
    body = await service.register()
    sign_up = refresh = ticket = httpx.Response(0)
    for n in range(3):
        sign_up = await service.http.post(
            "/api/auth/register",
            json={"email": f"b{n}@example.com", "password": PASSWORD},
            headers=ADDRESS,
        )
        refresh = await service.http.post(
            "/api/auth/refresh", json={"refresh_token": "unknown"}, headers=ADDRESS
        )
        ticket = await service.http.post("/api/auth/ws-ticket", headers=bearer(body))
    assert refused(sign_up, "register_per_address")
    assert refused(refresh, "refresh_per_address")
    assert refused(ticket, "ticket_per_account")


async def test_an_untrusted_peer_cannot_choose_its_address(settings: AuthSettings) -> None:
    untrusting = settings.model_copy(update={"trusted_proxies": ()})
    async with running(untrusting) as service:
        answers = [
            await login(service.http, f"c{n}@example.com", PASSWORD, another_address())
            for n in range(6)
        ]
    assert refused(answers[-1], "login_per_address")
