"""Validators for what both services depend on. Each asks once and raises when it does not work.

They go through the service's own pools and clients, so they fail when the service itself would:
pool exhausted, wrong password, name not resolved, server silent. None catches an error or sets a
deadline of its own; ``CheckRunner`` bounds them.
"""

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_shared.auth.jwks import JwksCache
from netra_shared.errors import Unavailable
from netra_shared.health.check import Validator

# Kept for a minute so that a service that is gone leaves nothing behind.
_VALKEY_PROBE_KEEP_SECONDS = 60


# 64 kB is the least that PostgreSQL accepts; `true` makes it the transaction's alone.
_TAKES_WRITES = text(
    "SELECT current_setting('transaction_read_only') AS read_only,"
    " set_config('work_mem', '64kB', true)"
)
_NEEDS_DISK = text("SELECT count(*) FROM generate_series(1, 4000)")


class DatabaseReadOnly(Unavailable):
    """PostgreSQL answers but takes no writes: a standby, or set read-only when its disk filled."""

    code = "database_read_only"
    title = "Database is read-only"


class MigrationsBehind(Unavailable):
    """The database's schema is older than this code needs."""

    code = "migrations_behind"
    title = "Migrations behind"


class NoTokenKeys(Unavailable):
    """The identity service publishes no key, so no token can be verified."""

    code = "no_token_keys"
    title = "No token keys"


def postgres_validator(engine: AsyncEngine) -> Validator:
    """Ask PostgreSQL whether it takes writes, over a connection from the service's pool.

    Two questions, because two things stop writes and neither shows the other. A transaction is
    read-only on a standby, and wherever ``default_transaction_read_only`` was switched on, which
    managed PostgreSQL does before its disk is full. On a disk that is full, every other answer
    goes on as ever and only what needs a new block fails (SQLSTATE 53100). So the server counts
    rows that do not fit into its working memory: it writes 56 KB to a temporary file and deletes
    it, in 0.4 ms, without a lock, a transaction id or a byte of write-ahead log.
    """

    async def ask() -> None:
        async with engine.connect() as connection:
            answer = await connection.execute(_TAKES_WRITES)
            if answer.one().read_only != "off":
                raise DatabaseReadOnly("PostgreSQL takes no writes (read-only).")
            await connection.execute(_NEEDS_DISK)

    return ask


def migrations_validator(
    current: Callable[[], Awaitable[str | None]], *, head: str, is_older: Callable[[str], bool]
) -> Validator:
    """Compare the database's revision with the newest one that this code knows.

    A revision that is neither ``head`` nor older is a newer one: during a rollout the new revision
    migrates first, and calling the old one unready would empty the fleet that still serves.
    Migrations therefore have to be compatible one release back.

    Args:
        current: reads the database's revision; None before the first migration.
        head: the newest revision of this code.
        is_older: tells whether this code knows a revision as one before ``head``.
    """

    async def ask() -> str:
        revision = await current()
        if revision == head:
            return f"at head {head}"
        if revision is None or is_older(revision):
            raise MigrationsBehind(
                f"The database is at {revision or 'no revision'}, not at {head}."
            )
        return f"database is ahead at {revision}; this code knows up to {head}"

    return ask


def valkey_validator(client: Redis, *, service: str) -> Validator:
    """Write one small key to Valkey.

    PING alone would pass on a replica (READONLY), with the memory full (OOM) and, on some
    servers, with a failing disk (MISCONF); a write fails in all three.

    Args:
        client: the service's own client.
        service: part of the key's name.
    """
    key = f"netra:readiness:{service}"

    async def ask() -> None:
        await client.set(key, "1", ex=_VALKEY_PROBE_KEEP_SECONDS)

    return ask


def token_keys_validator(keys: JwksCache) -> Validator:
    """Pass when the issuer's keys are known; fetch them when none is.

    Keys once fetched stay usable while the issuer is away, so they are enough; asking the issuer
    at each refresh would couple every instance to it.
    """

    async def ask() -> str:
        known = keys.known or await keys.refresh()
        if not known:
            raise NoTokenKeys("The key set of the identity service is empty.")
        return f"{known} key(s) known"

    return ask
