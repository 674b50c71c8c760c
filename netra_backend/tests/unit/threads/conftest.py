from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_backend.app.threads.router import router
from netra_backend.app.threads.service import ThreadService
from netra_shared.auth.tokens import TokenVerifier
from netra_shared.http.problem import install_problem_handlers
from netra_shared.stores.database import async_url

SECRET = "a secret of the tests, at least 32 bytes"


@dataclass
class Api:
    """The REST routes on a real database, through ASGI."""

    app: FastAPI
    service: ThreadService
    engine: AsyncEngine

    def client(self, owner: UUID | None = None) -> httpx.AsyncClient:
        """Return a client that is signed in as ``owner``, or not signed in."""
        headers = {"Authorization": f"Bearer {token_for(owner)}"} if owner else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://api", headers=headers
        )


def token_for(owner: UUID) -> str:
    claims = {
        "iss": "netra-auth",
        "aud": "netra",
        "sub": str(owner),
        "sid": str(uuid4()),
        "jti": "1",
        "iat": 1_700_000_000,
        "exp": 4_000_000_000,
        "roles": ["user"],
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.fixture
async def api(migrated_postgres_url: str) -> AsyncIterator[Api]:
    engine = create_async_engine(async_url(migrated_postgres_url))
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    app.state.token_verifier = TokenVerifier(
        issuer="netra-auth", audience="netra", shared_secret=SECRET
    )
    app.state.thread_service = ThreadService(engine)
    yield Api(app, app.state.thread_service, engine)
    await engine.dispose()
