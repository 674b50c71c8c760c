"""``@require_docker_services()`` and ``--real-services``: real services or a failure, never a skip.

The name is the guide's. "Docker" stands for how teams used to get real services; here they come
from wheels, or from Docker where an engine runs (see ``unified_docker_manager``).
"""

from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from test_framework.blocking import run

Test = TypeVar("Test", bound=Callable[..., Any] | type)

QUERY_SECONDS = 20.0


def require_docker_services() -> Callable[[Test], Test]:
    """Decorate a test (or class) that makes no sense without real PostgreSQL and Valkey.

    The services are asked a real query before the test; when one does not answer, the test fails
    with the cause.
    """
    return pytest.mark.usefixtures("real_services")


def verify_services(postgres_url: str, valkey_url: str) -> list[str]:
    """Ask each service a real query; return what is wrong, empty when both answer."""
    problems: list[str] = []
    try:
        version = run(_postgres_version(postgres_url))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        problems.append(f"PostgreSQL does not answer: {type(error).__name__}: {error}")
    else:
        if not version.startswith("PostgreSQL "):
            problems.append(f"what answers on PostgreSQL's port says {version!r}")
    try:
        with Redis.from_url(valkey_url, socket_timeout=QUERY_SECONDS) as client:
            client.set("netra:test:probe", "1", ex=10)
            if client.get("netra:test:probe") != b"1":
                problems.append("Valkey did not return what was stored")
    except (RedisError, OSError) as error:
        problems.append(f"Valkey does not answer: {type(error).__name__}: {error}")
    return problems


async def _postgres_version(url: str) -> str:
    connection = await asyncpg.connect(url, timeout=QUERY_SECONDS, command_timeout=QUERY_SECONDS)
    try:
        version: str = await connection.fetchval("SELECT version()")
    finally:
        await connection.close()
    return version
