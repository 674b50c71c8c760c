"""Announces revocations from a command-line entry."""

from datetime import timedelta

from auth_service.app.clock import utc_now
from auth_service.app.config import AuthSettings
from auth_service.app.database import Database
from auth_service.app.sessions.announcements import RevocationAnnouncer
from netra_shared.stores.valkey import create_valkey


async def announce_pending(settings: AuthSettings, database: Database, *, name: str) -> None:
    """Announce the pending revocations now; after an error a running instance retries."""
    valkey = create_valkey(settings, name=name)
    try:
        await RevocationAnnouncer(
            database,
            valkey,
            access_token_life=timedelta(seconds=settings.access_token_seconds),
            batch=settings.janitor_batch,
            clock=utc_now,
        ).deliver_soon()
    finally:
        await valkey.aclose()
