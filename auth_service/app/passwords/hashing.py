"""Argon2id in a bounded pool of threads that is shared fairly between clients.

Parameters (OWASP Password Storage Cheat Sheet, Argon2id): the recommended minimum of 19 MiB, two
passes and one lane; 46 MiB with one pass costs an attacker the same and the service 2.4 times the
memory, which Cloud Run bills. One hash takes 20 to 40 ms of one core, so two threads limit an
instance to about 50 sign-ins a second and 38 MiB. The C code runs without the interpreter lock.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from prometheus_client import Counter, Gauge

from auth_service.app.errors import HashingSaturated
from auth_service.app.passwords.fair_queue import FairQueue

HASHES = Counter(
    "auth_password_hash_operations_total",
    "Computations by purpose; `decoy` is the hash for an unknown account, `policy` the estimate.",
    ["operation"],
)
PENDING = Gauge("auth_password_hash_pending", "Passwords being hashed or waiting for a thread.")
DISPLACED = Counter(
    "auth_password_hash_displaced_total", "Waiting computations refused for a client with fewer."
)

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


@dataclass(frozen=True, slots=True)
class HashClient:
    """For whom a password is hashed.

    Args:
        key: the client address; each key has its share of the queue.
        familiar: whether the address has signed in to the account before.
    """

    key: str = ""
    familiar: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A computation and the future of its result."""

    compute: Callable[[], Any]
    result: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


_UNKNOWN = HashClient()


class PasswordHashing:
    """Hashes and verifies in ``threads`` threads with at most ``queue`` computations waiting.

    Args:
        parameters: cost of new hashes; existing hashes are verified with their own.
        threads: concurrent computations.
        queue: computations that may wait. When it is full, a client with fewer waiting displaces
            one of the client with the most, and a familiar client displaces any other.
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
        self._free = threads
        self._waiting: FairQueue[_Job] = FairQueue(queue)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        # Computed in the pool, so that it delays neither the start nor the first unknown account.
        self._decoy = self._threads.submit(self._argon2.hash, secrets.token_urlsafe(32))

    async def hash(self, password: str, client: HashClient = _UNKNOWN) -> str:
        """Return the encoded hash (PHC string, 97 characters) of a normalised password.

        Raises:
            HashingSaturated: the queue is full, or the deadline expired.
        """
        return await self._run("hash", client, partial(self._argon2.hash, password))

    async def verify(
        self, stored: str | None, password: str, client: HashClient = _UNKNOWN
    ) -> Verification:
        """Compare ``password`` with a stored hash.

        For ``None``, an unknown account, the same work is done with a decoy, so that the answer
        takes the same time; the result is never a match.

        Raises:
            HashingSaturated: the queue is full, or the deadline expired.
        """
        if stored is None:
            await self._run("decoy", client, partial(self._matches_decoy, password))
            return Verification(matched=False)
        matched = await self._run("verify", client, partial(self._matches, stored, password))
        outdated = matched and self._argon2.check_needs_rehash(stored)
        return Verification(matched=matched, outdated=outdated)

    async def compute(self, operation: str, function: Callable[[], _R], client: HashClient) -> _R:
        """Run other work on a password, such as the policy, in the same threads and shares.

        Raises:
            HashingSaturated: the queue is full, or the deadline expired.
        """
        return await self._run(operation, client, function)

    def close(self) -> None:
        """Cancel the waiting computations and join the threads; takes at most one computation."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            argon2.extract_parameters(stored)  # raises InvalidHashError, verify a general error
            return self._argon2.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _matches_decoy(self, password: str) -> bool:
        # The decoy is the first job of the pool, so this never waits for a job queued behind it.
        return self._matches(self._decoy.result(), password)

    async def _run(self, operation: str, client: HashClient, compute: Callable[[], _R]) -> _R:
        job = _Job(compute)
        if self._free:
            self._start(job)
        else:
            self._enqueue(job, client)
        HASHES.labels(operation).inc()
        try:
            async with asyncio.timeout(self._deadline_seconds):
                found: _R = await job.result
        except TimeoutError as error:
            raise HashingSaturated(
                f"No thread was free within {self._deadline_seconds} s; try again.", retry_after=1.0
            ) from error
        finally:
            if self._waiting.discard(job):
                PENDING.dec()
        return found

    def _enqueue(self, job: _Job, client: HashClient) -> None:
        refused = self._waiting.push(job, client.key, familiar=client.familiar)
        if refused is job:
            raise _saturated()
        PENDING.inc()
        if refused is not None:
            DISPLACED.inc()
            PENDING.dec()
            if not refused.result.done():
                refused.result.set_exception(_saturated())

    def _start(self, job: _Job) -> None:
        """Compute in a thread; its slot is free again when the thread is done.

        A thread cannot be interrupted, so a caller that leaves early does not free the slot.
        """
        self._free -= 1
        PENDING.inc()
        loop = asyncio.get_running_loop()
        computed = loop.run_in_executor(self._threads, job.compute)
        computed.add_done_callback(partial(self._finish, job))

    def _finish(self, job: _Job, computed: asyncio.Future[Any]) -> None:
        self._free += 1
        PENDING.dec()
        if computed.cancelled():
            job.result.cancel()
        elif (error := computed.exception()) is not None:
            if not job.result.done():
                job.result.set_exception(error)
        elif not job.result.done():
            job.result.set_result(computed.result())
        while self._free and (following := self._waiting.pop()) is not None:
            PENDING.dec()
            self._start(following)


def _saturated() -> HashingSaturated:
    return HashingSaturated("Too many concurrent sign-ins; try again.", retry_after=1.0)
