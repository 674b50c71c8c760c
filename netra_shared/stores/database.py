"""PostgreSQL for both services: one engine with named deadlines."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_shared.settings import ServiceSettings

POOL_RECYCLE_SECONDS = 1800  # below the idle limits of database proxies


def async_url(url: str) -> URL:
    """Return ``url`` with the asyncpg driver instead of its driver or alias."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def create_engine(settings: ServiceSettings, *, application_name: str) -> AsyncEngine:
    """Return an engine; no connection is opened before the first use.

    Args:
        settings: URL, pool size and the deadlines ``postgres_*_seconds``.
        application_name: shown in ``pg_stat_activity``.
    """
    statement_ms = round(settings.postgres_statement_seconds * 1000)
    return create_async_engine(
        async_url(settings.database_url.get_secret_value()),
        pool_size=settings.postgres_pool_size,
        max_overflow=0,
        pool_timeout=settings.postgres_pool_wait_seconds,
        pool_recycle=POOL_RECYCLE_SECONDS,
        pool_pre_ping=True,
        # The text of an error is logged; user content and password hashes must not be in it.
        hide_parameters=True,
        connect_args={
            "timeout": settings.postgres_connect_seconds,
            # The client's deadline is longer than the server's, which cancels cleanly.
            "command_timeout": settings.postgres_statement_seconds + 1,
            "server_settings": {
                "application_name": application_name,
                "statement_timeout": str(statement_ms),
                "idle_in_transaction_session_timeout": str(statement_ms * 2),
            },
        },
    )
