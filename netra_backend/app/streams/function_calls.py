"""Calls a function of a Valkey library; loads the library where the store lacks it."""

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from netra_backend.app.streams.errors import StreamUnavailable

MAX_ATTEMPTS = 3  # one for a stale connection, one for a missing library, one for the answer


async def call_function(
    client: Redis, library: str, function: str, names: list[str], arguments: list[Any]
) -> Any:
    """Return the reply of an idempotent function.

    Args:
        client: returns bytes.
        library: the source of the library.
        function: its name.
        names: the keys.
        arguments: the other arguments.

    Raises:
        RedisError, OSError, TimeoutError: as the client.
    """
    execute: Any = client.execute_command  # untyped in redis-py
    for attempt in range(MAX_ATTEMPTS):
        try:
            return await execute("FCALL", function, len(names), *names, *arguments)
        except ResponseError as error:
            # A store without persistence loses its functions when it restarts.
            if attempt + 1 == MAX_ATTEMPTS or "Function not found" not in str(error):
                raise
            await execute("FUNCTION LOAD", "REPLACE", library)
        except RedisConnectionError:
            # Pooled connections survive a restart of the store; the next one is new.
            if attempt + 1 == MAX_ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def unavailable(error: Exception) -> StreamUnavailable:
    """Return the error of a store that does not answer as expected."""
    return StreamUnavailable(
        f"The stream store does not answer ({type(error).__name__}).", retry_after=1.0
    )
