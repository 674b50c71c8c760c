"""The bearer dependency: absent and bad tokens, and revoked sessions."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from fastapi import FastAPI

from netra_shared.auth.bearer import CurrentClaims
from netra_shared.auth.tokens import TokenVerifier
from netra_shared.http.problem import install_problem_handlers

SECRET = "s" * 32
SESSION = uuid4()


class RevokedSessions:
    """Revocations held in memory."""

    def __init__(self, *sessions: UUID) -> None:
        self._sessions = sessions

    async def holds(self, session_id: UUID) -> bool:
        return session_id in self._sessions


def application(revocations: RevokedSessions | None = None) -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.state.token_verifier = TokenVerifier(
        issuer="netra-auth", audience="netra", shared_secret=SECRET
    )
    if revocations is not None:
        app.state.revocations = revocations

    @app.get("/me")
    async def me(claims: CurrentClaims) -> str:
        return str(claims.sid)

    return app


def token(**changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "netra-auth", "aud": "netra", "sub": str(uuid4()), "sid": str(SESSION), "jti": "j",
        "roles": ["user"], "iat": now, "exp": now + 60,
    }  # fmt: skip
    return jwt.encode(claims | changes, SECRET, algorithm="HS256", headers={"typ": "at+jwt"})


async def asked(app: FastAPI, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        return await client.get("/me", headers=headers)


@pytest.mark.parametrize("revocations", [None, RevokedSessions(), RevokedSessions(uuid4())])
async def test_a_live_session_is_accepted(revocations: RevokedSessions | None) -> None:
    answer = await asked(application(revocations), f"Bearer {token()}")
    assert (answer.status_code, answer.json()) == (200, str(SESSION))


async def test_a_revoked_session_is_refused() -> None:
    answer = await asked(application(RevokedSessions(SESSION)), f"Bearer {token()}")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")
    assert answer.json()["retry"] == "never"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (lambda: None, "unauthenticated"),
        (lambda: "Basic YTpi", "unauthenticated"),
        (lambda: "Bearer x", "token_invalid"),
        (lambda: f"Bearer {token(aud='other')}", "token_invalid"),
        (lambda: f"Bearer {token(exp=1)}", "token_expired"),
        (lambda: f"Bearer {token()}=", "token_invalid"),
    ],
)
async def test_other_credentials_are_refused(
    authorization: Callable[[], str | None], code: str
) -> None:
    answer = await asked(application(), authorization())
    assert (answer.status_code, answer.json()["code"]) == (401, code)
