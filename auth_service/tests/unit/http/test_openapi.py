"""Documented and real answers are the same: every status is provoked, none is undocumented."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import (
    PAGE,
    PASSWORD,
    Service,
    another_address,
    bearer,
    make_settings,
    running,
)

SECRET = "s" * 32
GONE = "postgresql://nobody@127.0.0.1:1/gone"
# A defect of ours cannot be provoked on purpose; its answer is tested in netra_shared.
UNPROVOKED = {"500"}
ONCE = "1 per 1 hour"

Observed = dict[tuple[str, str], dict[str, set[str]]]


class Walk:
    """Sends requests and notes which operation answered what."""

    def __init__(self) -> None:
        self.observed: Observed = defaultdict(lambda: defaultdict(set))

    async def send(
        self, service: Service, method: str, path: str, template: str = "", **request: Any
    ) -> httpx.Response:
        request.setdefault("headers", another_address())
        answer = await service.http.request(method, path, **request)
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        assert is_problem == (answer.status_code >= 400 and not path.startswith("/health"))
        code = answer.json()["code"] if is_problem else ""
        self.observed[method.lower(), template or path][str(answer.status_code)].add(code)
        return answer


@pytest.fixture
async def services(
    settings: AuthSettings, migrated_postgres_url: str, valkey_url: str
) -> AsyncIterator[dict[str, Service]]:
    """A sound service, one with exhausted limits, and two without PostgreSQL."""
    made = {
        "sound": settings,
        "impatient": make_settings(migrated_postgres_url, valkey_url, request_body_seconds=0.05),
        "limited": make_settings(
            migrated_postgres_url,
            valkey_url,
            rate_login_per_address=ONCE,
            rate_register_per_address=ONCE,
            rate_refresh_per_address=ONCE,
            rate_ticket_per_account=ONCE,
        ),
        "gone": make_settings(GONE, valkey_url, jwt_secret_key=SECRET),
        "keyless": make_settings(GONE, valkey_url),
    }
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(running(each)) for name, each in made.items()}


async def test_documented_and_real_answers_are_the_same(services: dict[str, Service]) -> None:
    walk, sound = Walk(), services["sound"]
    await walk_bodies(walk, services)
    await walk_credentials(walk, sound)
    await walk_browsers(walk, services)
    await walk_sessions(walk, services)
    await walk_probes(walk, services)
    document = (await sound.http.get("/api/auth/openapi.json")).json()
    compare(document, walk.observed)


async def walk_bodies(walk: Walk, services: dict[str, Service]) -> None:
    for path in ("register", "login", "refresh", "logout"):
        full = f"/api/auth/{path}"
        body = (
            {"refresh_token": "unknown"}
            if path in {"refresh", "logout"}
            else {"email": f"{path}@example.com", "password": PASSWORD}
        )
        await walk.send(services["sound"], "POST", full, json=[])
        await walk.send(services["sound"], "POST", full, content=b"x" * 20000)
        await walk.send(services["impatient"], "POST", full, content=never_ending())
        await walk.send(services["gone"], "POST", full, json=body)
        same = another_address()
        for _ in range(2):
            await walk.send(services["limited"], "POST", full, json=body, headers=same)


async def never_ending() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.Event().wait()


async def walk_credentials(walk: Walk, sound: Service) -> None:
    person = {"email": "walker@example.com", "password": PASSWORD}
    for body in (person, person, person | {"email": "x"}, person | {"password": "short"}):
        await walk.send(sound, "POST", "/api/auth/register", json=body)
    for body in (person, person | {"password": "wrong"}, person | {"email": "x"}):
        await walk.send(sound, "POST", "/api/auth/login", json=body)


async def walk_browsers(walk: Walk, services: dict[str, Service]) -> None:
    sound, base = services["sound"], "/api/auth/browser"
    person = {"email": "browser@example.com", "password": PASSWORD}
    wrong = person | {"password": f"not {PASSWORD}"}
    for path in ("register", "login"):
        same = page()
        for body in (person, person, person | {"email": "x"}, person | {"password": "short"}):
            await walk.send(sound, "POST", f"{base}/{path}", json=body, headers=page())
        await walk.send(sound, "POST", f"{base}/{path}", json=person)
        await walk.send(sound, "POST", f"{base}/{path}", json=[], headers=page())
        await walk.send(sound, "POST", f"{base}/{path}", content=b"x" * 20000, headers=page())
        await walk.send(
            services["impatient"], "POST", f"{base}/{path}", content=never_ending(), headers=page()
        )
        await walk.send(services["gone"], "POST", f"{base}/{path}", json=person, headers=page())
        for _ in range(2):
            await walk.send(services["limited"], "POST", f"{base}/{path}", json=wrong, headers=same)
    signed_in = await sound.http.post(f"{base}/login", json=person, headers=page())
    cookie = {"Cookie": f"netra_refresh={signed_in.cookies['netra_refresh']}"}
    for path in ("refresh", "logout"):
        same = page()
        for headers in (another_address(), page(), page() | cookie, page() | cookie):
            sound.http.cookies.clear()
            await walk.send(sound, "POST", f"{base}/{path}", headers=headers)
        for _ in range(2):
            await walk.send(services["limited"], "POST", f"{base}/{path}", headers=same)
        services["gone"].http.cookies.clear()
        await walk.send(services["gone"], "POST", f"{base}/{path}", headers=page() | cookie)
    sound.http.cookies.clear()


def page() -> dict[str, str]:
    return another_address() | {"Origin": PAGE}


async def walk_sessions(walk: Walk, services: dict[str, Service]) -> None:
    sound = services["sound"]
    one, two = await sound.register(), await sound.register()
    stranger = jwt.encode({}, SECRET, algorithm="HS256")
    reads = [
        ("GET", "/api/auth/me"),
        ("GET", "/api/auth/sessions"),
        ("POST", "/api/auth/ws-ticket"),
    ]
    session = "/api/auth/sessions/{session_id}"
    mine = jwt.decode(one["access_token"], options={"verify_signature": False})["sid"]
    for method, path in [*reads, ("DELETE", f"/api/auth/sessions/{uuid4()}")]:
        template = session if method == "DELETE" else ""
        for headers in ({}, {"Authorization": f"Bearer {stranger}"}, bearer(one)):
            await walk.send(sound, method, path, template, headers=headers)
        valid = jwt.encode(claims(), SECRET, algorithm="HS256")
        await walk.send(
            services["gone"], method, path, template, headers={"Authorization": f"Bearer {valid}"}
        )
    await walk.send(sound, "DELETE", "/api/auth/sessions/no-uuid", session, headers=bearer(one))
    await walk.send(sound, "DELETE", f"/api/auth/sessions/{mine}", session, headers=bearer(one))
    for _ in range(2):
        await walk.send(services["limited"], "POST", "/api/auth/ws-ticket", headers=bearer(two))
    spend = {"refresh_token": two["refresh_token"]}
    for _ in range(2):
        await walk.send(sound, "POST", "/api/auth/refresh", json=spend)
    await walk.send(sound, "POST", "/api/auth/logout", json=spend)
    for method, path in reads:
        await walk.send(sound, method, path, headers=bearer(two))


async def walk_probes(walk: Walk, services: dict[str, Service]) -> None:
    jwks = "/api/auth/.well-known/jwks.json"
    for name in ("sound", "keyless"):
        await walk.send(services[name], "GET", jwks)
        for path in ("/health", "/health/startup", "/health/ready"):
            await walk.send(services[name], "GET", path)


def claims() -> dict[str, Any]:
    return {
        "iss": "netra-auth",
        "aud": "netra",
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "jti": "j",
        "roles": ["user"],
        "iat": 0,
        "exp": 2**33,
    }


def compare(document: dict[str, Any], observed: Observed) -> None:
    documented = {
        (method, path): operation["responses"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert documented.keys() == observed.keys()
    for operation, responses in documented.items():
        provoked = observed[operation]
        assert responses.keys() - UNPROVOKED == provoked.keys(), operation
        for status, codes in provoked.items():
            for code in codes - {""}:
                assert f"`{code}`" in responses[status]["description"], (operation, status, code)
                assert "application/problem+json" in responses[status]["content"]


async def test_unknown_paths_and_methods_are_problems(http: httpx.AsyncClient) -> None:
    for method, path, code in (
        ("GET", "/nowhere", "not_found"),
        ("GET", "/api/auth/login", "method_not_allowed"),
    ):
        answer = await http.request(method, path)
        assert answer.json()["code"] == code
        assert answer.headers["content-type"] == "application/problem+json"
