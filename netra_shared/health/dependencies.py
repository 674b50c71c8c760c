"""Validators of the dependencies of both services.

Each asks once and raises on failure. They use the service's own pools and clients, so they fail
when the service would: pool exhausted, wrong password, unresolved name, silent server. None of them
catches errors or sets a deadline; ``CheckRunner`` bounds them.
"""

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_shared.auth.jwks import JwksCache
from netra_shared.errors import Unavailable
from netra_shared.health.check import Validator

# Expires after a minute, so that a removed service leaves no key.
_VALKEY_PROBE_KEEP_SECONDS = 60


# 64 kB is the minimum of PostgreSQL; `true` limits the setting to the transaction.
_TAKES_WRITES = text(
    "SELECT current_setting('transaction_read_only') AS read_only,"
    " set_config('work_mem', '64kB', true)"
)
_NEEDS_DISK = text("SELECT count(*) FROM generate_series(1, 4000)")


class DatabaseReadOnly(Unavailable):
    """PostgreSQL answers but accepts no writes.

    A standby, or read-only because its disk is full.
    """

    code = "database_read_only"
    title = "Database is read-only"


class MigrationsBehind(Unavailable):
    """The schema of the database is older than the code requires."""

    code = "migrations_behind"
    title = "Migrations behind"


class NoTokenKeys(Unavailable):
    """The identity service publishes no key, so no token can be verified."""

    code = "no_token_keys"
    title = "No token keys"


def postgres_validator(engine: AsyncEngine) -> Validator:
    """Ask PostgreSQL whether it accepts writes, over a connection of the service's pool.

    Two independent conditions stop writes. A transaction is read-only on a standby, and where
    ``default_transaction_read_only`` is on, which managed PostgreSQL sets before its disk is full.
    With a full disk only statements that need a new block fail (SQLSTATE 53100). The query
    therefore sorts rows that exceed the server's working memory: it writes 56 KB to a temporary
    file and deletes it, in 0.4 ms, without a lock, a transaction id or write-ahead log.
    """

    async def ask() -> None:
        async with engine.connect() as connection:
            answer = await connection.execute(_TAKES_WRITES)
            if answer.one().read_only != "off":
                raise DatabaseReadOnly("PostgreSQL accepts no writes (read-only).")
            await connection.execute(_NEEDS_DISK)

    return ask


def migrations_validator(
    current: Callable[[], Awaitable[str | None]], *, head: str, is_older: Callable[[str], bool]
) -> Validator:
    """Compare the revision of the database with the newest one that the code knows.

    A revision that is neither ``head`` nor older is newer: during a rollout the new revision
    migrates first, and marking the old one unready would empty the fleet that serves. Migrations
    must therefore be compatible with the previous release.

    Args:
        current: reads the database's revision; None before the first migration.
        head: the newest revision of this code.
        is_older: returns whether the code knows a revision as one before ``head``.
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

    PING succeeds on a replica (READONLY), with full memory (OOM) and, on some servers, with a
    failing disk (MISCONF); a write fails in all three cases.

    Args:
        client: the service's own client.
        service: part of the key's name.
    """
    key = f"netra:readiness:{service}"

    async def ask() -> None:
        await client.set(key, "1", ex=_VALKEY_PROBE_KEEP_SECONDS)

    return ask


def token_keys_validator(keys: JwksCache) -> Validator:
    """Pass when a key of the issuer is cached; fetch the key set when none is.

    Cached keys stay usable while the issuer is unavailable; asking it at each refresh would couple
    every instance to it.
    """

    async def ask() -> str:
        known = keys.known or await keys.refresh()
        if not known:
            raise NoTokenKeys("The key set of the identity service is empty.")
        return f"{known} key(s) known"

    return ask
