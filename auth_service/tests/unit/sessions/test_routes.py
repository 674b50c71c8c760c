import asyncio
import hashlib
import json

import jwt
from redis.asyncio import Redis
from sqlalchemy import select

from auth_service.app.sessions.models import RefreshTokenRow, SessionRow
from auth_service.tests.unit.support import Clock, Service, another_address, bearer


def claims(body: dict[str, str]) -> dict[str, object]:
    return jwt.decode(body["access_token"], options={"verify_signature": False})


async def test_refreshing_goes_on_in_the_same_session(service: Service) -> None:
    first = await service.register()
    second = (await service.refresh(first["refresh_token"])).json()
    third = (await service.refresh(second["refresh_token"])).json()
    assert len({body["refresh_token"] for body in (first, second, third)}) == 3
    assert claims(first)["sid"] == claims(third)["sid"]
    assert claims(first)["sub"] == claims(third)["sub"]
    assert claims(first)["jti"] != claims(third)["jti"]


async def test_a_spent_token_ends_the_whole_family(service: Service, valkey: Redis) -> None:
    first = await service.register()
    second = (await service.refresh(first["refresh_token"])).json()
    async with valkey.pubsub() as heard:
        await heard.subscribe("netra:sessions:revoked")
        await heard.get_message(timeout=5)
        reused = await service.refresh(first["refresh_token"])
        message = await heard.get_message(ignore_subscribe_messages=True, timeout=5)
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    newest = await service.refresh(second["refresh_token"])
    assert (newest.status_code, newest.json()["code"]) == (401, "refresh_token_refused")
    session_id = claims(first)["sid"]
    assert message is not None
    assert message["data"] == session_id
    assert 0 < await valkey.ttl(f"netra:session:revoked:{session_id}") <= 900
    me = await service.http.get("/api/auth/me", headers=bearer(second))
    assert (me.status_code, me.json()["code"]) == (401, "session_ended")


async def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(service: Service) -> None:
    body = await service.register()
    answers = await asyncio.gather(*(service.refresh(body["refresh_token"]) for _ in range(5)))
    codes = sorted(answer.json().get("code", "rotated") for answer in answers)
    assert codes.count("rotated") == 1
    assert codes.count("refresh_token_reused") == 1
    winner = next(answer for answer in answers if answer.status_code == 200)
    assert (await service.refresh(winner.json()["refresh_token"])).status_code == 401


async def test_one_family_does_not_hurt_another(service: Service) -> None:
    first, other = await service.register(), await service.register()
    await service.refresh(first["refresh_token"])
    await service.refresh(first["refresh_token"])
    assert (await service.refresh(other["refresh_token"])).status_code == 200


async def test_a_session_ends_absolutely(service: Service, clock: Clock) -> None:
    body = await service.register()
    for _ in range(2):
        clock.forward(days=13)
        body = (await service.refresh(body["refresh_token"])).json()
    assert body["refresh_expires_in"] <= 4 * 86400
    clock.forward(days=4, seconds=-60)
    last = (await service.refresh(body["refresh_token"])).json()
    assert last["expires_in"] <= 60
    clock.forward(seconds=61)
    assert (await service.refresh(last["refresh_token"])).json()["code"] == "refresh_token_refused"


async def test_an_idle_session_ends(service: Service, clock: Clock) -> None:
    body = await service.register()
    clock.forward(days=14, seconds=1)
    assert (await service.refresh(body["refresh_token"])).json()["code"] == "refresh_token_refused"


async def test_only_the_hash_of_a_refresh_token_is_stored(service: Service) -> None:
    body = await service.register()
    async with service.parts.database.transaction() as transaction:
        stored = (await transaction.scalars(select(RefreshTokenRow.token_hash))).one()
    assert stored == hashlib.sha256(body["refresh_token"].encode()).digest()


async def test_sign_out_ends_the_session_and_can_be_repeated(
    service: Service, valkey: Redis
) -> None:
    body = await service.register()
    for _ in range(2):
        answer = await service.http.post(
            "/api/auth/logout", json={"refresh_token": body["refresh_token"]}
        )
        assert (answer.status_code, answer.content) == (204, b"")
    assert await valkey.exists(f"netra:session:revoked:{claims(body)['sid']}")
    assert (await service.refresh(body["refresh_token"])).status_code == 401
    unknown = await service.http.post("/api/auth/logout", json={"refresh_token": "never issued"})
    assert unknown.status_code == 204


async def test_a_ticket_stands_for_the_claims_once(service: Service, valkey: Redis) -> None:
    body = await service.register()
    answer = await service.http.post("/api/auth/ws-ticket", headers=bearer(body))
    assert answer.status_code == 201
    assert answer.json()["expires_in"] == 60
    assert answer.headers["cache-control"] == "no-store"
    key = "netra:ticket:" + hashlib.sha256(answer.json()["ticket"].encode()).hexdigest()
    assert 0 < await valkey.ttl(key) <= 60
    stored = json.loads(await valkey.getdel(key) or "")
    wanted = ("sub", "sid", "jti", "roles", "iat", "exp")
    assert stored == {name: claims(body)[name] for name in wanted}
    assert await valkey.getdel(key) is None


async def test_an_ended_session_gets_no_ticket(service: Service) -> None:
    body = await service.register()
    await service.http.post("/api/auth/logout", json={"refresh_token": body["refresh_token"]})
    answer = await service.http.post("/api/auth/ws-ticket", headers=bearer(body))
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


async def test_sessions_are_listed_and_ended_by_their_owner(service: Service) -> None:
    first = await service.register()
    second = (
        await service.http.post(
            "/api/auth/login",
            json={"email": first["user"]["email"], "password": "trombone-violet-harbour"},
            headers=another_address() | {"User-Agent": "Laptop"},
        )
    ).json()
    stranger = await service.register()
    listed = await service.http.get("/api/auth/sessions", headers=bearer(first))
    found = {item["id"]: item for item in listed.json()["sessions"]}
    assert found.keys() == {claims(first)["sid"], claims(second)["sid"]}
    assert found[str(claims(first)["sid"])]["current"]
    assert found[str(claims(second)["sid"])]["user_agent"] == "Laptop"

    path = f"/api/auth/sessions/{claims(second)['sid']}"
    forbidden = await service.http.delete(path, headers=bearer(stranger))
    assert (forbidden.status_code, forbidden.json()["code"]) == (404, "session_not_found")
    assert (await service.http.delete(path, headers=bearer(first))).status_code == 204
    assert (await service.http.delete(path, headers=bearer(first))).status_code == 404
    assert (await service.refresh(second["refresh_token"])).status_code == 401
    assert (await service.refresh(first["refresh_token"])).status_code == 200


async def test_why_a_session_ended_is_kept(service: Service) -> None:
    body = await service.register()
    await service.refresh(body["refresh_token"])
    await service.refresh(body["refresh_token"])
    async with service.parts.database.transaction() as transaction:
        row = (await transaction.scalars(select(SessionRow))).one()
    assert row.revocation_reason == "token_reused"
    assert row.announced_at is not None
