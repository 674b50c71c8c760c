"""Turns an outage of Valkey into an error of the tree, for requests that cannot do without it."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from netra_shared.errors import Unavailable

RETRY_AFTER_SECONDS = 1.0  # a restart of Valkey takes about a second


@contextmanager
def valkey_needed() -> Iterator[None]:
    """Run a block that needs Valkey.

    Raises:
        Unavailable: Valkey refused, or did not answer within its deadlines.
    """
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"The store of live data does not answer ({type(error).__name__}); try again.",
            retry_after=RETRY_AFTER_SECONDS,
        ) from error
