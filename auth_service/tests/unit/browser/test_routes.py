"""Sessions of browsers, as a browser sees them."""

import re

import httpx
import pytest

from auth_service.tests.unit.support import (
    PAGE,
    PASSWORD,
    SECURE_PAGE,
    Clock,
    Service,
    another_address,
    bearer,
)

BASE = "/api/auth/browser"


def page(origin: str = PAGE) -> dict[str, str]:
    return another_address() | {"Origin": origin, "Sec-Fetch-Site": "same-origin"}


async def sign_up(service: Service, origin: str = PAGE) -> httpx.Response:
    email = f"{another_address()['X-Forwarded-For']}@example.com"
    answer = await service.http.post(
        f"{BASE}/register", json={"email": email, "password": PASSWORD}, headers=page(origin)
    )
    assert answer.status_code == 201, answer.text
    return answer


async def refresh(service: Service, cookie: str | None = None) -> httpx.Response:
    if cookie is not None:
        service.http.cookies.clear()
    headers = page() | ({"Cookie": f"netra_refresh={cookie}"} if cookie else {})
    return await service.http.post(f"{BASE}/refresh", headers=headers)


def set_cookies(answer: httpx.Response) -> dict[str, str]:
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}


async def test_the_refresh_token_is_in_the_cookie_and_nowhere_else(service: Service) -> None:
    answer = await sign_up(service)
    cookie = set_cookies(answer)["netra_refresh"]
    token = answer.cookies["netra_refresh"]
    assert re.search(r"; HttpOnly; .*Path=/api/auth/browser; SameSite=strict$", cookie)
    assert "Secure" not in cookie  # plain HTTP: the browser would refuse it
    assert "Domain" not in cookie
    assert token not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    me = await service.http.get("/api/auth/me", headers=bearer(answer.json()))
    assert me.json() == answer.json()["user"]


async def test_over_tls_both_cookies_are_secure_and_the_name_says_so(service: Service) -> None:
    cookies = set_cookies(await sign_up(service, SECURE_PAGE))
    assert cookies.keys() == {"__Secure-netra_refresh", "netra_session"}
    assert all("; Secure" in cookie for cookie in cookies.values())


async def test_scripts_can_read_that_there_is_a_session_and_nothing_of_it(
    service: Service,
) -> None:
    answer = await sign_up(service)
    hint = set_cookies(answer)["netra_session"]
    assert "HttpOnly" not in hint
    assert re.match(r"netra_session=\d{13};", hint)
    assert "Path=/;" in hint


async def test_a_reload_carries_the_session_on(service: Service) -> None:
    first = await sign_up(service)
    second = await refresh(service)
    assert second.status_code == 200
    assert second.json()["user"] == first.json()["user"]
    assert second.cookies["netra_refresh"] != first.cookies["netra_refresh"]
    assert set_cookies(second)["netra_session"] != set_cookies(first)["netra_session"]


async def test_a_spent_cookie_ends_the_session_and_is_deleted(
    service: Service, clock: Clock
) -> None:
    first = await sign_up(service)
    spent = first.cookies["netra_refresh"]
    newest = (await refresh(service)).cookies["netra_refresh"]
    clock.forward(seconds=11)
    reused = await refresh(service, spent)
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    assert all("Max-Age=0" in cookie for cookie in set_cookies(reused).values())
    assert (await refresh(service, newest)).status_code == 401


async def test_without_a_cookie_the_browser_must_sign_in(service: Service) -> None:
    answer = await refresh(service)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_refused")
    assert set_cookies(answer).keys() == {"netra_refresh", "netra_session"}


async def test_a_planted_second_cookie_is_refused_and_spends_nothing(service: Service) -> None:
    own = (await sign_up(service)).cookies["netra_refresh"]
    service.http.cookies.clear()
    planted = (await sign_up(service)).cookies["netra_refresh"]
    both = await refresh(service, f"{planted}; netra_refresh={own}")
    assert (both.status_code, both.json()["code"]) == (401, "refresh_token_refused")
    assert (await refresh(service, own)).status_code == 200


async def test_a_secure_page_does_not_take_the_plain_cookie(service: Service) -> None:
    plain = (await sign_up(service)).cookies["netra_refresh"]
    service.http.cookies.clear()
    headers = page(SECURE_PAGE) | {"Cookie": f"netra_refresh={plain}"}
    answer = await service.http.post(f"{BASE}/refresh", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["register", "login", "refresh", "logout"])
async def test_another_sites_page_can_do_nothing(service: Service, path: str) -> None:
    await sign_up(service)
    body = {"email": "forged@example.com", "password": PASSWORD}
    for headers in (
        page("https://evil.test"),
        page() | {"Sec-Fetch-Site": "cross-site"},
        another_address(),
    ):
        answer = await service.http.post(f"{BASE}/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_forbidden")
        assert "set-cookie" not in answer.headers
    assert (await refresh(service)).status_code == 200


async def test_signing_out_ends_the_session_and_deletes_the_cookies(service: Service) -> None:
    first = await sign_up(service)
    answer = await service.http.post(f"{BASE}/logout", headers=page())
    assert answer.status_code == 204
    assert all("Max-Age=0" in cookie for cookie in set_cookies(answer).values())
    assert (await refresh(service, first.cookies["netra_refresh"])).status_code == 401
    me = await service.http.get("/api/auth/me", headers=bearer(first.json()))
    assert me.json()["code"] == "session_ended"


async def test_signing_in_again_ends_the_session_that_the_browser_had(service: Service) -> None:
    first = await sign_up(service)
    email = first.json()["user"]["email"]
    answer = await service.http.post(
        f"{BASE}/login", json={"email": email, "password": PASSWORD}, headers=page()
    )
    assert answer.status_code == 200
    me = await service.http.get("/api/auth/me", headers=bearer(first.json()))
    assert me.json()["code"] == "session_ended"


async def test_the_cookie_lives_as_long_as_its_token(service: Service, clock: Clock) -> None:
    first = await sign_up(service)
    life = re.search(r"Max-Age=(\d+)", set_cookies(first)["netra_refresh"])
    assert life is not None
    clock.forward(seconds=int(life[1]) + 1)
    assert (await refresh(service)).status_code == 401
