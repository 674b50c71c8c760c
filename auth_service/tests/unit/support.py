"""What the tests of the identity service share: settings, a movable clock, a running service."""

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from auth_service.app.app_factory import create_app
from auth_service.app.clock import utc_now
from auth_service.app.config import AuthSettings
from auth_service.app.services import Services

PASSWORD = "trombone-violet-harbour"
PAGE = "http://localhost:8080"
SECURE_PAGE = "https://netra.example.com"
ENCRYPTION_KEY = base64.b64encode(b"e" * 32).decode()
_numbers = itertools.count(1)


def make_settings(postgres_url: str, valkey_url: str, **changes: Any) -> AuthSettings:
    """Return settings for tests: the cheapest hashing that is accepted, one trusted proxy."""
    values: dict[str, Any] = {
        "environment": "test",
        "database_url": postgres_url,
        "redis_url": valkey_url,
        "auth_key_encryption_key": ENCRYPTION_KEY,
        "argon2_memory_kib": 8192,
        "argon2_passes": 1,
        "trusted_proxies": "127.0.0.1/32",
        "allowed_origins": f"{PAGE},{SECURE_PAGE}",
        "janitor_seconds": 3600,
    }
    return AuthSettings(**(values | changes))


class Clock:
    """The real time, moved ahead by the test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the present time of the service."""
        return utc_now() + self.ahead

    def forward(self, **distance: float) -> None:
        """Move on by ``timedelta(**distance)``."""
        self.ahead += timedelta(**distance)


@dataclass(frozen=True)
class Service:
    """A running service and its client."""

    app: FastAPI
    http: httpx.AsyncClient

    @property
    def parts(self) -> Services:
        """What the routes use."""
        parts: Services = self.app.state.services
        return parts

    async def register(self, **changes: Any) -> dict[str, Any]:
        """Create an account with an address of its own; return the answer's body."""
        body = {"email": f"person{next(_numbers)}@example.com", "password": PASSWORD} | changes
        answer = await self.http.post("/api/auth/register", json=body, headers=another_address())
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refresh(self, refresh_token: str) -> httpx.Response:
        """Spend a refresh token."""
        return await self.http.post(
            "/api/auth/refresh", json={"refresh_token": refresh_token}, headers=another_address()
        )


@asynccontextmanager
async def running(settings: AuthSettings, clock: Clock | None = None) -> AsyncIterator[Service]:
    """Start a service, end it in order."""
    app = create_app(settings, clock=clock or Clock())
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 4711))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://auth.test") as client,
    ):
        yield Service(app, client)


def another_address() -> dict[str, str]:
    """Return headers that make the request come from an address of its own."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"198.18.{number // 250 % 250}.{number % 250 + 1}"}


def bearer(body: dict[str, Any]) -> dict[str, str]:
    """Return the header that carries the access token of an answer."""
    return {"Authorization": f"Bearer {body['access_token']}"}


async def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until ``condition()``; raise ``TimeoutError`` when it takes longer than ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  the conditions are metrics, which nobody signals
            await asyncio.sleep(0.005)
