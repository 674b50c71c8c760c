"""Whether each test service answers a real query. A bound port or a ``PONG`` proves nothing."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.errors import RefreshTokenRefused
from netra_ops.services.loopback import LOOPBACK
from test_framework.test_services.definition import AUTH, POSTGRES, REDIS, TestServices

QUERY_SECONDS = 15.0
PORT_SECONDS = 5.0


@dataclass(frozen=True)
class ServiceAvailability:
    """One service; true in a condition when it answered.

    Args:
        address: ``host:port``.
        available: it answered a real query as the service that it should be.
        detail: its version, or what is wrong.
    """

    address: str
    available: bool
    detail: str

    def __bool__(self) -> bool:
        """Return whether it is available."""
        return self.available


class _Wrong(Exception):
    """Something answered, but not as it should."""


async def check_all(services: TestServices) -> dict[str, ServiceAvailability]:
    """Ask all three concurrently; takes ``QUERY_SECONDS`` at most."""
    queries = {POSTGRES: _ask_postgres, REDIS: _ask_redis, AUTH: _ask_auth}
    found = await asyncio.gather(
        *(_judge(name, query, services) for name, query in queries.items())
    )
    return dict(zip(queries, found, strict=True))


async def is_listening(port: int) -> bool:
    """Return whether anything accepts connections on the loopback port."""
    try:
        async with asyncio.timeout(PORT_SECONDS):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
    except TimeoutError:
        return True  # a full backlog: someone has the port and does not accept
    except OSError:
        return False
    writer.close()
    return True


async def _judge(
    name: str, query: Callable[[TestServices], Awaitable[str]], services: TestServices
) -> ServiceAvailability:
    address = f"{LOOPBACK}:{services.ports[name]}"
    try:
        async with asyncio.timeout(QUERY_SECONDS):
            return ServiceAvailability(address, available=True, detail=await query(services))
    except TimeoutError:
        detail = f"no answer within {QUERY_SECONDS:g} s"
    except _Wrong as error:
        detail = str(error)
    except (
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RedisError, httpx.HTTPError
    ) as error:  # fmt: skip
        detail = f"{type(error).__name__}: {error}".partition("\n")[0]
    return ServiceAvailability(address, available=False, detail=detail)


async def _ask_postgres(services: TestServices) -> str:
    connection = await asyncpg.connect(services.database_url, timeout=QUERY_SECONDS)
    try:
        await connection.execute("CREATE TEMPORARY TABLE probe (value integer)")
        await connection.execute("INSERT INTO probe VALUES (41), (1)")
        if await connection.fetchval("SELECT sum(value) FROM probe") != 42:  # 41 + 1
            raise _Wrong("it cannot add")
        version: str = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    return f"PostgreSQL {version.partition(' ')[0]}"


async def _ask_redis(services: TestServices) -> str:
    async with Redis.from_url(services.redis_url, decode_responses=True) as client:
        key, value = f"netra:probe:{secrets.token_hex(8)}", secrets.token_hex(8)
        await client.set(key, value, ex=10)
        if await client.getdel(key) != value:
            raise _Wrong("it did not return what was stored")
        server = await client.info("server")
    return f"Valkey {server['valkey_version']}" if "valkey_version" in server else "Redis"


async def _ask_auth(services: TestServices) -> str:
    """Present a refresh token that no one has: the answer needs its database and its schema."""
    async with httpx.AsyncClient(base_url=services.auth_url, trust_env=False) as client:
        answer = await client.post("/api/auth/refresh", json={"refresh_token": "probe." * 8})
        try:
            code = answer.json().get("code")
        except (ValueError, AttributeError):
            code = None
        if code != RefreshTokenRefused.code:
            raise _Wrong(f"an unknown refresh token was answered with {answer.status_code}: {code}")
    return "netra-auth"
