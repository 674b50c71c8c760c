"""Tokens whose signature was verified a moment ago, so that a reconnect does not pay for it again.

A client presents one token for 15 minutes, at every reconnect and with every request; verifying
EdDSA costs a quarter of a millisecond of CPU each time.
"""

import hashlib
from collections import OrderedDict
from typing import Any, Generic, NamedTuple, TypeVar

ClaimsT = TypeVar("ClaimsT")

MAX_TOKENS = 4096  # about 1 KiB each


class Verified(NamedTuple, Generic[ClaimsT]):
    """What was verified, and with which key: another key makes it void."""

    kid: str
    key: Any
    claims: ClaimsT


class VerifiedTokens(Generic[ClaimsT]):
    """The latest verified tokens, by digest: a token itself is never kept.

    Args:
        limit: how many; the one that was not seen for the longest time is dropped.
    """

    def __init__(self, limit: int = MAX_TOKENS) -> None:
        self._limit = limit
        self._by_digest: OrderedDict[bytes, Verified[ClaimsT]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_digest)

    def find(self, token: str) -> Verified[ClaimsT] | None:
        """Return what is known about exactly this token."""
        digest = _digest(token)
        found = self._by_digest.get(digest)
        if found is not None:
            self._by_digest.move_to_end(digest)
        return found

    def keep(self, token: str, verified: Verified[ClaimsT]) -> None:
        """Remember a token that has just been verified."""
        self._by_digest[_digest(token)] = verified
        if len(self._by_digest) > self._limit:
            self._by_digest.popitem(last=False)

    def forget(self, token: str) -> None:
        """Forget a token."""
        self._by_digest.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
