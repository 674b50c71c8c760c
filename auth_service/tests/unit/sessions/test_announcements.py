"""Announcement of revocations: under locks, under load, after data loss, after deletion."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from sqlalchemy import select, text

from auth_service.app.config import AuthSettings
from auth_service.app.sessions.announcements import CHANNEL, KEY_PREFIX, RevocationAnnouncer
from auth_service.app.sessions.models import SessionRow
from auth_service.tests.unit.support import Clock, Service

WITHIN_SECONDS = 2.0


@pytest.fixture
def settings(settings: AuthSettings) -> AuthSettings:
    """The service's own reconciler is at rest: the tests call theirs and count what it did."""
    return settings.model_copy(update={"revocation_outbox_seconds": 3600.0})


def announcer(service: Service, valkey: Redis, clock: Clock, batch: int = 2) -> RevocationAnnouncer:
    return RevocationAnnouncer(
        service.parts.database,
        valkey,
        access_token_life=timedelta(minutes=15),
        batch=batch,
        clock=clock,
    )


def session_of(body: dict[str, str]) -> UUID:
    return UUID(jwt.decode(body["access_token"], options={"verify_signature": False})["sid"])


@asynccontextmanager
async def listening(valkey: Redis) -> AsyncIterator[PubSub]:
    async with valkey.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        await channel.get_message(timeout=5)
        yield channel


async def announced(channel: PubSub, session_id: UUID) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
            if message is not None and message["data"] == str(session_id):
                return


async def sign_out(service: Service, body: dict[str, str]) -> None:
    answer = await service.http.post(
        "/api/auth/logout", json={"refresh_token": body["refresh_token"]}
    )
    assert answer.status_code == 204


async def test_a_locked_row_is_announced(service: Service, valkey: Redis, clock: Clock) -> None:
    body = await service.register()
    session_id = session_of(body)
    async with service.parts.database.transaction() as transaction:
        await transaction.execute(
            text("UPDATE auth.sessions SET revoked_at = now() WHERE id = :id"), {"id": session_id}
        )
    async with listening(valkey) as channel:
        async with service.parts.database.transaction() as other:
            await other.execute(
                select(SessionRow.id).where(SessionRow.id == session_id).with_for_update()
            )
            delivery = asyncio.create_task(announcer(service, valkey, clock).deliver())
            await announced(channel, session_id)
        assert await delivery == 1
    assert await announcer(service, valkey, clock).deliver() == 0


async def test_sign_out_is_announced_while_refreshes_are_in_flight(
    service: Service, valkey: Redis
) -> None:
    for _ in range(5):
        first = await service.register()
        second = (await service.refresh(first["refresh_token"])).json()
        tokens = [first["refresh_token"], second["refresh_token"]] * 5
        async with listening(valkey) as channel:
            storm = [asyncio.create_task(service.refresh(token)) for token in tokens]
            await sign_out(service, second)
            await announced(channel, session_of(first))
            await asyncio.gather(*storm)


async def test_a_backlog_does_not_delay_a_sign_out(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    for _ in range(5):
        await service.register()
    async with service.parts.database.transaction() as transaction:
        await transaction.execute(text("UPDATE auth.sessions SET revoked_at = now()"))
    body = await service.register()
    async with listening(valkey) as channel:
        await sign_out(service, body)
        await announced(channel, session_of(body))
    assert await announcer(service, valkey, clock).deliver() <= 2


async def test_revocations_are_announced_again_after_data_loss(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    bodies = [await service.register() for _ in range(5)]
    for body in bodies:
        await sign_out(service, body)
    reconciler = announcer(service, valkey, clock)
    assert await reconciler.reconcile() == 0
    await valkey.flushall()
    async with listening(valkey) as channel:
        assert await reconciler.reconcile() == 5
        await announced(channel, session_of(bodies[-1]))
    for body in bodies:
        assert await valkey.exists(f"{KEY_PREFIX}{session_of(body)}")
    assert await reconciler.reconcile() == 0


async def test_an_older_copy_of_the_data_is_noticed(
    service: Service, valkey: Redis, valkey_url: str, clock: Clock
) -> None:
    first, second = await service.register(), await service.register()
    await sign_out(service, first)
    async with Redis.from_url(valkey_url) as raw:  # a dump is binary
        before = {key: await raw.dump(key) for key in await raw.keys("netra:session*")}
        await sign_out(service, second)
        await raw.flushall()
        for key, content in before.items():
            await raw.restore(key, 0, content or b"")
    assert await announcer(service, valkey, clock).reconcile() == 2
    assert await valkey.exists(f"{KEY_PREFIX}{session_of(second)}")


async def test_nothing_is_announced_again_once_every_token_has_expired(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    await sign_out(service, await service.register())
    clock.forward(minutes=16)
    await valkey.flushall()
    assert await announcer(service, valkey, clock).reconcile() == 0


async def test_a_deleted_account_is_announced(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    gone, ended, other = [await service.register() for _ in range(3)]
    await sign_out(service, ended)
    async with service.parts.database.transaction() as transaction:
        await transaction.execute(
            text("DELETE FROM auth.users WHERE email IN (:gone, :ended)"),
            {"gone": gone["user"]["email"], "ended": ended["user"]["email"]},
        )
    async with listening(valkey) as channel:
        assert await announcer(service, valkey, clock).reconcile() == 1
        await announced(channel, session_of(gone))
    assert not await valkey.exists(f"{KEY_PREFIX}{session_of(other)}")
