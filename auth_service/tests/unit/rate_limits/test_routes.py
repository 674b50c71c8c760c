"""The limits as a client meets them."""

import httpx
import pytest

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import (
    PASSWORD,
    Service,
    another_address,
    bearer,
    make_settings,
    running,
)

ADDRESS = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def settings(migrated_postgres_url: str, valkey_url: str) -> AuthSettings:
    return make_settings(
        migrated_postgres_url,
        valkey_url,
        rate_login_per_address="5 per 1 hour",
        rate_login_per_account="3 per 1 hour",
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


async def test_an_account_is_protected_from_many_addresses(service: Service) -> None:
    email = (await service.register())["user"]["email"]
    for _ in range(3):
        answer = await login(service.http, email, "wrong-horse-battery", another_address())
        assert answer.status_code == 401
    locked = await login(service.http, email.upper(), PASSWORD, another_address())
    assert refused(locked, "login_per_account")


async def test_an_unknown_account_is_limited_alike(service: Service) -> None:
    for _ in range(3):
        await login(service.http, "nobody@example.com", PASSWORD, another_address())
    answer = await login(service.http, "nobody@example.com", PASSWORD, another_address())
    assert refused(answer, "login_per_account")


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
