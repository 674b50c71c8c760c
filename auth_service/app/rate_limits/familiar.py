"""Addresses from which an account has signed in before.

A limit on failed sign-ins per account lets anybody lock an account by failing on purpose. So an
address that has succeeded before counts for itself, apart from the rest of the world: a stranger's
failures do not reach it (the idea of OWASP's device cookies, without a cookie).
"""

import hashlib
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

KEY_PREFIX = "netra:auth:familiar:"
KEPT_SECONDS = 30 * 86400  # as long as a session can last; renewed by every sign-in

_log = get_logger(__name__)


class FamiliarAddresses:
    """Remembers which addresses have signed in to which account.

    Args:
        valkey: keeps only hashes. While it is away no address is familiar.
        is_away: tells that Valkey has just failed, so that an outage costs a sign-in one
            deadline and not three.
    """

    def __init__(self, valkey: Redis, *, is_away: Callable[[], bool]) -> None:
        self._valkey = valkey
        self._is_away = is_away

    async def subject(self, account: str, address: str) -> str:
        """Return what failed sign-ins on ``account`` from ``address`` are counted by."""
        if self._is_away():
            return account
        with swallowed(_log, "familiar_address_unknown", RedisError, OSError, TimeoutError):
            if await self._valkey.exists(_key(account, address)):
                return f"{account} {address}"
        return account

    async def remember(self, account: str, address: str) -> None:
        """Make an address familiar after a successful sign-in."""
        if self._is_away():
            return
        with swallowed(_log, "familiar_address_not_kept", RedisError, OSError, TimeoutError):
            await self._valkey.set(_key(account, address), "1", ex=KEPT_SECONDS)


def _key(account: str, address: str) -> str:
    return KEY_PREFIX + hashlib.sha256(f"{account} {address}".encode()).hexdigest()
