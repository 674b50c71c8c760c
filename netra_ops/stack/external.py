"""A database or Valkey that the operator brings along: used only after it answered a query."""

import asyncio
from typing import ClassVar
from urllib.parse import urlsplit

from netra_ops.errors import OperatorError

QUERY_SECONDS = 5.0
REMEDY = "correct it, or unset it to use the embedded server"


class ExternalServiceRefused(OperatorError):
    """A service named by an environment variable did not answer as it must."""

    code = "external_service_refused"
    title = "External service refused"
    exit_code: ClassVar[int] = 78


def without_credentials(url: str) -> str:
    """Return host, port and database of ``url``; never user or password.

    Raises:
        ValueError: it is no URL.
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or '?'}{port}{parts.path}"


async def check_database(url: str) -> str:
    """Run a query on the PostgreSQL at ``url`` and return its version.

    Raises:
        ExternalServiceRefused: no answer within ``QUERY_SECONDS``, or a refusal.
    """
    import asyncpg  # noqa: PLC0415  # 0.1 s that most starts spare

    plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    try:
        async with asyncio.timeout(QUERY_SECONDS):
            connection = await asyncpg.connect(plain)
            try:
                return str(await connection.fetchval("SHOW server_version"))
            finally:
                await connection.close()
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _refused("DATABASE_URL", url, error) from error


async def check_valkey(url: str) -> str:
    """Ask the Valkey or Redis at ``url`` for its version and return it.

    Raises:
        ExternalServiceRefused: no answer within ``QUERY_SECONDS``, or a refusal.
    """
    import redis.asyncio as redis  # noqa: PLC0415  # 0.2 s that most starts spare
    from redis.exceptions import RedisError  # noqa: PLC0415  # same

    try:
        client = redis.from_url(
            url, socket_connect_timeout=QUERY_SECONDS, socket_timeout=QUERY_SECONDS
        )
        async with client:
            facts = await client.info("server")
            return str(facts.get("valkey_version") or facts.get("redis_version"))
    except (OSError, ValueError, RedisError) as error:
        raise _refused("REDIS_URL", url, error) from error


def _refused(variable: str, url: str, error: Exception) -> ExternalServiceRefused:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    try:
        what = f"{without_credentials(url)} does not answer: {reason}"
    except ValueError as wrong:
        what = f"it is no URL: {wrong}"
    return ExternalServiceRefused(
        f"{variable} is set, but {what}",
        remedy=f"{variable}: {REMEDY}",
    )
