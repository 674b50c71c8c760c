"""``python -m auth_service`` as a process: served, loaded, ended by a signal."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import ENCRYPTION_KEY, PASSWORD
from test_framework.stolen_time import watching

START_SECONDS = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def environment(settings: AuthSettings) -> dict[str, str]:
    return {
        "ENVIRONMENT": "local",
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "AUTH_KEY_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "PORT": str(free_port()),
        "LOG_FORMAT": "json",
    }


@asynccontextmanager
async def serving(
    environment: dict[str, str],
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "auth_service",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{environment['PORT']}", timeout=30
        ) as client:
            await until_ready(process, client)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until_ready(process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            try:
                if (await client.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.02)
    pytest.fail("the process ended before it was ready")


async def test_serves_and_ends_on_sigterm_within_its_bound(environment: dict[str, str]) -> None:
    async with serving(environment) as (process, client):
        body = {"email": "person@example.com", "password": PASSWORD}
        registered = (await client.post("/api/auth/register", json=body)).json()
        metrics = (await client.get("/metrics")).text
        assert "auth_sign_ups_total 1.0" in metrics
        async with watching(process.pid) as stolen:
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, _ = await process.communicate()
            # integrity: allow no-wall-clock: the promised bound of a shutdown
            assert stolen.fair_since(started) < 9  # Cloud Run kills after 10 s
    log = out.decode()
    assert "identity service stopped" in log
    for secret in (PASSWORD, registered["access_token"], registered["refresh_token"]):
        assert secret not in log
    assert "Traceback" not in log


async def test_health_answers_immediately_while_passwords_are_hashed(
    environment: dict[str, str],
) -> None:
    environment |= {"HASHING_THREADS": "1", "ARGON2_PASSES": "10", "ARGON2_MEMORY_KIB": "65536"}
    async with serving(environment) as (_, client):
        slow = [
            asyncio.create_task(
                client.post(
                    "/api/auth/register",
                    json={"email": f"p{n}@example.com", "password": PASSWORD},
                )
            )
            for n in range(4)
        ]
        answered = 0
        while not all(task.done() for task in slow):
            assert (await client.get("/health")).status_code == 200
            answered += 1
        assert answered > 10  # a stalled loop would have answered once or twice for each
        done = await asyncio.gather(*slow)
    assert {answer.status_code for answer in done} <= {201, 503}


async def test_a_refused_configuration_exits_78(environment: dict[str, str]) -> None:
    del environment["AUTH_KEY_ENCRYPTION_KEY"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auth_service", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 78
    assert b"AUTH_KEY_ENCRYPTION_KEY is not set" in err
