"""Argon2id, off the event loop and bounded.

Parameters (OWASP Password Storage Cheat Sheet, Argon2id): 19 MiB, two passes, one lane is its
recommended minimum; 46 MiB with one pass costs an attacker the same and us 2.4 times the memory,
which is what Cloud Run bills. One hash takes 20 to 40 ms of one core, so two threads bound an
instance to roughly 50 sign-ins a second and 38 MiB. The C code runs without the interpreter lock.
"""

import asyncio
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from prometheus_client import Counter, Gauge

from auth_service.app.errors import HashingSaturated

HASHES = Counter(
    "auth_password_hash_operations_total",
    "Argon2id computations by purpose; `decoy` is the one made for an unknown account.",
    ["operation"],
)
PENDING = Gauge("auth_password_hash_pending", "Passwords being hashed or waiting for a thread.")

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class HashParameters:
    """Argon2id cost: memory in KiB, passes over it, lanes."""

    memory_kib: int = 19456
    passes: int = 2
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Verification:
    """``outdated``: the stored hash was made with other parameters; hash the password again."""

    matched: bool
    outdated: bool = False


class PasswordHashing:
    """Hashes and verifies in ``threads`` threads with at most ``queue`` waiting.

    Args:
        parameters: cost of new hashes; older hashes verify with their own.
        threads: computations at once.
        queue: computations that may wait; one more is refused.
        deadline_seconds: for waiting and computing together.
    """

    def __init__(
        self, parameters: HashParameters, *, threads: int, queue: int, deadline_seconds: float
    ) -> None:
        self._argon2 = argon2.PasswordHasher(
            memory_cost=parameters.memory_kib,
            time_cost=parameters.passes,
            parallelism=parameters.lanes,
        )
        self._deadline_seconds = deadline_seconds
        self._slots = threading.BoundedSemaphore(threads + queue)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        # Made in the pool so that it delays neither the start nor the first unknown account.
        self._decoy = self._threads.submit(self._argon2.hash, secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """Return the encoded hash (PHC string, 97 characters) of a normalised password.

        Raises:
            HashingSaturated: too many are waiting, or the deadline passed.
        """
        return await self._run("hash", self._argon2.hash, password)

    async def verify(self, stored: str | None, password: str) -> Verification:
        """Compare ``password`` with a stored hash.

        ``None`` stands for an account that does not exist: the same work is done against a
        decoy, so that the answer takes as long, and the result is never a match.

        Raises:
            HashingSaturated: too many are waiting, or the deadline passed.
        """
        if stored is None:
            await self._run("decoy", self._matches_decoy, password)
            return Verification(matched=False)
        matched = await self._run("verify", self._matches, stored, password)
        outdated = matched and self._argon2.check_needs_rehash(stored)
        return Verification(matched=matched, outdated=outdated)

    def close(self) -> None:
        """Drop what waits and join the threads; takes at most one computation."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            argon2.extract_parameters(stored)  # says InvalidHashError where verify says less
            return self._argon2.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _matches_decoy(self, password: str) -> bool:
        # First in the pool's queue, so this thread never waits for work that is behind its own.
        return self._matches(self._decoy.result(), password)

    async def _run(
        self, operation: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        if not self._slots.acquire(blocking=False):
            raise HashingSaturated("Too many sign-ins at once; try again.", retry_after=1.0)
        PENDING.inc()
        HASHES.labels(operation).inc()
        # The slot is given back when the thread is done, not when the caller gives up: a thread
        # cannot be interrupted, and callers that leave must not let more work in.
        future = self._threads.submit(function, *args, **kwargs)
        future.add_done_callback(self._release)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise HashingSaturated(
                f"No thread was free within {self._deadline_seconds} s; try again.", retry_after=1.0
            ) from error

    def _release(self, _future: Future[_R]) -> None:
        PENDING.dec()
        self._slots.release()
