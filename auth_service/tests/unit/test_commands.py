"""The command-line entries, as processes."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import ENCRYPTION_KEY, PASSWORD, Service, bearer

SECONDS = 60  # a process starts in one; a loaded machine has been seen at five


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


@pytest.fixture
def environment(settings: AuthSettings) -> dict[str, str]:
    return {
        "ENVIRONMENT": "test",
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "AUTH_KEY_ENCRYPTION_KEY": ENCRYPTION_KEY,
    }


async def command(environment: Mapping[str, str], module: str, *arguments: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"auth_service.app.{module}",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def test_migrating_twice_says_so(
    postgres_url: str, valkey_url: str, environment: dict[str, str]
) -> None:
    environment |= {"DATABASE_URL": postgres_url, "REDIS_URL": valkey_url}
    first = await command(environment, "migrate")
    second = await command(environment, "migrate")
    assert (first.status, first.out) == (0, "schema auth: upgraded from empty to 0002\n")
    assert (second.status, second.out) == (0, "schema auth: is at 0002\n")


async def test_an_unavailable_database_is_reported_in_one_line(environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = "postgresql://u:hunter2@127.0.0.1:1/d"
    for module in ("migrate", "users"):
        ended = await command(environment, module)
        assert ended.status == 1
        assert len(ended.err.splitlines()) == 1
        assert "hunter2" not in ended.err


async def test_a_refused_configuration_exits_78_and_names_the_variables() -> None:
    for module, variable in (("users", "DATABASE_URL"), ("migrate", "REDIS_URL")):
        ended = await command({"ENVIRONMENT": "local"}, module)
        assert ended.status == 78
        assert f"{variable} is not set" in ended.err


async def test_a_role_is_in_the_next_access_token(
    service: Service, environment: dict[str, str]
) -> None:
    body = await service.register(email="Op@Example.com")
    ended = await command(environment, "grant", "op@example.COM", "operator")
    assert (ended.status, ended.out) == (0, "Op@example.com: user, operator\n")
    refreshed = (await service.refresh(body["refresh_token"])).json()
    claims = await service.parts.verifier.verify(refreshed["access_token"])
    assert claims.is_operator
    me = await service.http.get("/api/auth/me", headers=bearer(refreshed))
    assert me.json()["roles"] == ["user", "operator"]


async def test_taking_a_role_ends_the_sessions(
    service: Service, environment: dict[str, str], valkey: Redis
) -> None:
    body = await service.register()
    email = body["user"]["email"]
    await command(environment, "grant", email, "operator")
    operator = (await service.refresh(body["refresh_token"])).json()
    ended = await command(environment, "grant", email, "operator", "--revoke")
    assert (ended.status, ended.out) == (0, f"{email}: user\n")
    claims = await service.parts.verifier.verify(operator["access_token"])
    assert await valkey.exists(f"netra:session:revoked:{claims.sid}")
    assert (await service.refresh(operator["refresh_token"])).status_code == 401
    again = await service.http.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert again.json()["user"]["roles"] == ["user"]


async def test_a_removed_account_has_no_session_and_is_announced(
    service: Service, environment: dict[str, str], valkey: Redis
) -> None:
    body = await service.register()
    claims = await service.parts.verifier.verify(body["access_token"])
    email = body["user"]["email"]
    ended = await command(environment, "remove_account", email)
    assert (ended.status, ended.out) == (0, f"{email}: removed\n")
    assert await valkey.exists(f"netra:session:revoked:{claims.sid}")
    assert (await service.refresh(body["refresh_token"])).status_code == 401
    again = await command(environment, "remove_account", email)
    assert again.status == 1
    assert email in again.err


async def test_granting_to_an_unknown_account_fails(environment: dict[str, str]) -> None:
    ended = await command(environment, "grant", "nobody@example.com", "operator")
    assert (ended.status, ended.out) == (1, "")
    assert "nobody@example.com" in ended.err


async def test_accounts_are_listed_for_people_and_for_programs(
    service: Service, environment: dict[str, str]
) -> None:
    bodies = [await service.register(email=f"{name}@example.com") for name in ("zoe", "abe")]
    listed = await command(environment, "users", "--json")
    found = [json.loads(line) for line in listed.out.splitlines()]
    assert [item["email"] for item in found] == ["abe@example.com", "zoe@example.com"]
    assert found[1]["id"] == bodies[0]["user"]["id"]
    assert found[0].keys() == {"id", "email", "display_name", "roles", "created_at"}
    assert "abe@example.com" in (await command(environment, "users")).out


async def test_keys_rotate_on_command(service: Service, environment: dict[str, str]) -> None:
    assert service.parts.keeper is not None
    old = service.parts.keeper.signing().kid
    shown = await command(environment, "rotate_keys", "--show")
    assert shown.out == f"{old}  signing\n"
    rotated = await command(environment, "rotate_keys")
    assert rotated.status == 0
    assert [line.split()[1] for line in rotated.out.splitlines()] == ["signing", "next"]
    environment |= {
        "AUTH_KEY_ENCRYPTION_KEY": "B" * 43,
        "AUTH_KEY_ENCRYPTION_KEY_PREVIOUS": ENCRYPTION_KEY,
    }
    resealed = await command(environment, "rotate_keys", "--reseal")
    assert resealed.out.startswith("2 private key(s) encrypted again\n")
    emergency = await command(environment, "rotate_keys", "--emergency")
    assert [line.split()[1] for line in emergency.out.splitlines()] == ["signing"]
    assert old not in emergency.out
