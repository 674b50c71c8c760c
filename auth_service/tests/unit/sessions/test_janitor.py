"""Sweeping and announcing, with Valkey present, cut off, and back."""

from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ValkeyUnavailable
from sqlalchemy import func, select

from auth_service.app.config import AuthSettings
from auth_service.app.sessions.announcements import RevocationAnnouncer
from auth_service.app.sessions.janitor import SessionJanitor
from auth_service.app.sessions.models import RefreshTokenRow, SessionRow
from auth_service.tests.unit.support import Clock, Service, make_settings, running


def announcer(service: Service, valkey: Redis, clock: Clock) -> RevocationAnnouncer:
    return RevocationAnnouncer(
        service.parts.database,
        valkey,
        access_token_life=timedelta(minutes=15),
        batch=100,
        clock=clock,
    )


def janitor(service: Service, valkey: Redis, clock: Clock, *, batch: int = 100) -> SessionJanitor:
    return SessionJanitor(
        service.parts.database,
        announcer(service, valkey, clock),
        kept=timedelta(days=7),
        batch=batch,
        clock=clock,
    )


def session_of(body: dict[str, str]) -> UUID:
    return UUID(jwt.decode(body["access_token"], options={"verify_signature": False})["sid"])


async def rows(service: Service, table: type[SessionRow | RefreshTokenRow]) -> int:
    async with service.parts.database.transaction() as transaction:
        return await transaction.scalar(select(func.count()).select_from(table)) or 0


async def sign_out(service: Service, body: dict[str, str]) -> None:
    answer = await service.http.post(
        "/api/auth/logout", json={"refresh_token": body["refresh_token"]}
    )
    assert answer.status_code == 204


async def test_what_ended_long_ago_is_deleted_in_batches(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    for _ in range(5):
        await service.register()
    sweeper = janitor(service, valkey, clock, batch=2)
    assert await sweeper.sweep() == 0
    clock.forward(days=30 + 7, seconds=1)
    await service.register()
    swept = [await sweeper.sweep() for _ in range(4)]
    assert max(swept) <= 4  # two sessions and two tokens at most
    assert await rows(service, SessionRow) == 1
    assert await rows(service, RefreshTokenRow) == 1


async def test_expired_tokens_of_a_living_session_are_deleted(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    body = await service.register()
    clock.forward(days=13)
    await service.refresh(body["refresh_token"])
    clock.forward(days=8, seconds=1)
    assert await janitor(service, valkey, clock).sweep() == 1
    assert await rows(service, SessionRow) == 1


async def test_a_revoked_session_is_kept_for_a_week(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    await sign_out(service, await service.register())
    clock.forward(days=6)
    assert await janitor(service, valkey, clock).sweep() == 0
    clock.forward(days=1, seconds=1)
    assert await janitor(service, valkey, clock).sweep() == 1


async def test_a_sign_out_without_valkey_is_announced_later(
    migrated_postgres_url: str, valkey: Redis, clock: Clock
) -> None:
    cut_off: AuthSettings = make_settings(migrated_postgres_url, "redis://127.0.0.1:1/0")
    async with running(cut_off, clock) as service:
        body = await service.register()
        await sign_out(service, body)
        assert (await service.refresh(body["refresh_token"])).status_code == 401
        key = f"netra:session:revoked:{session_of(body)}"
        assert not await valkey.exists(key)
        with pytest.raises(ValkeyUnavailable):
            await announcer(service, service.parts.valkey, clock).deliver()
        await janitor(service, valkey, clock).sweep()
        assert await valkey.exists(key)
        assert await announcer(service, valkey, clock).deliver() == 0


async def test_an_end_that_no_token_outlives_is_not_announced(
    migrated_postgres_url: str, valkey: Redis, clock: Clock
) -> None:
    cut_off = make_settings(migrated_postgres_url, "redis://127.0.0.1:1/0")
    async with running(cut_off, clock) as service:
        body = await service.register()
        await sign_out(service, body)
        clock.forward(minutes=16)
        assert await announcer(service, valkey, clock).deliver() == 1
        assert not await valkey.exists(f"netra:session:revoked:{session_of(body)}")
