"""A real backend process on real stores, with a shared secret in place of the identity service."""

import base64
import json
import secrets
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port

PROJECT = Path(__file__).parents[2]
STOP_SECONDS = 10.0  # what Cloud Run grants

MakeToken = Callable[..., str]


@pytest.fixture(scope="session")
def shared_secret() -> str:
    """The HS256 secret of this test session."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def make_token(shared_secret: str) -> MakeToken:
    """Return a function that signs an access token; roles as arguments, one user each."""

    def make(*roles: str) -> str:
        now = int(time.time())
        claims = {
            "iss": "netra-auth",
            "aud": "netra",
            "sub": str(uuid.uuid4()),
            "sid": str(uuid.uuid4()),
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + 900,
            "roles": ["user", *roles],
        }
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(shared_secret))

    return make


@pytest.fixture
async def backend(
    migrated_postgres_url: str, valkey_url: str, shared_secret: str, tmp_path: Path
) -> AsyncIterator[HttpServer]:
    """A started ``python -m netra_backend``; stopped afterwards when the test did not."""
    port = free_port()
    server = HttpServer(
        "backend",
        [sys.executable, "-m", "netra_backend"],
        port=port,
        ready_path="/health/ready",
        log_path=tmp_path / "backend.log",
        working_directory=PROJECT,
        environment={
            "ENVIRONMENT": "test",
            "DATABASE_URL": migrated_postgres_url,
            "REDIS_URL": valkey_url,
            "JWT_SECRET_KEY": shared_secret,
            "HOST": LOOPBACK,
            "PORT": str(port),
            "LOG_FORMAT": "json",
            "SOCKETS__DRAIN_NOTICE_SECONDS": "0.2",
            "SOCKETS__DRAIN_SPREAD_SECONDS": "0.2",
        },
    )
    await server.start()
    yield server
    await server.stop(STOP_SECONDS)


def log_records(server: HttpServer) -> list[dict[str, object]]:
    """Return the JSON records that the server has written."""
    lines = server.log_path.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
