"""Addresses from which an account has signed in before.

A limit on failed sign-ins per account would let anyone lock an account by failing on purpose. A
client address that has signed in before is therefore counted by itself, so failures of strangers
do not reach it (the idea of OWASP's device cookies, without a cookie).
"""

import hashlib
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

KEY_PREFIX = "netra:auth:familiar:"
KEPT_SECONDS = 30 * 86400  # the longest session by default; each sign-in renews it

_log = get_logger(__name__)


class FamiliarAddresses:
    """Stores which addresses have signed in to which account.

    Args:
        valkey: stores hashes only. While it is unavailable no address is familiar.
        is_unavailable: whether Valkey has just failed, so that an outage costs a sign-in one
            deadline and not three.
    """

    def __init__(self, valkey: Redis, *, is_unavailable: Callable[[], bool]) -> None:
        self._valkey = valkey
        self._is_unavailable = is_unavailable

    async def knows(self, account: str, address: str) -> bool:
        """Return whether ``address`` has signed in to ``account``; ``False`` in an outage."""
        known = False
        if not self._is_unavailable():
            with swallowed(_log, "familiar_address_unknown", RedisError, OSError, TimeoutError):
                known = bool(await self._valkey.exists(_key(account, address)))
        return known

    async def remember(self, account: str, address: str) -> None:
        """Store an address after a successful sign-in."""
        if self._is_unavailable():
            return
        with swallowed(_log, "familiar_address_not_kept", RedisError, OSError, TimeoutError):
            await self._valkey.set(_key(account, address), "1", ex=KEPT_SECONDS)


def _key(account: str, address: str) -> str:
    return KEY_PREFIX + hashlib.sha256(f"{account} {address}".encode()).hexdigest()
