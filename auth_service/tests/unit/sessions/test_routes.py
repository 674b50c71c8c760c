import asyncio
import hashlib

import jwt
import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from auth_service.app.sessions.models import RefreshTokenRow, SessionRow
from auth_service.tests.unit.support import Clock, Service, another_address, bearer
from netra_shared.errors import TokenInvalid


def claims(body: dict[str, str]) -> dict[str, object]:
    return jwt.decode(body["access_token"], options={"verify_signature": False})


async def test_a_refresh_continues_the_same_session(service: Service) -> None:
    first = await service.register()
    second = (await service.refresh(first["refresh_token"])).json()
    third = (await service.refresh(second["refresh_token"])).json()
    assert len({body["refresh_token"] for body in (first, second, third)}) == 3
    assert claims(first)["sid"] == claims(third)["sid"]
    assert claims(first)["sub"] == claims(third)["sub"]
    assert claims(first)["jti"] != claims(third)["jti"]


async def test_a_spent_token_ends_the_whole_family(
    service: Service, valkey: Redis, clock: Clock
) -> None:
    first = await service.register()
    second = (await service.refresh(first["refresh_token"])).json()
    clock.forward(seconds=10)
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


async def test_concurrent_refreshes_with_one_token_get_the_same_successor(
    service: Service,
) -> None:
    body = await service.register()
    answers = await asyncio.gather(*(service.refresh(body["refresh_token"]) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert (await service.refresh(successor)).status_code == 200


async def test_a_lost_answer_is_given_again_within_ten_seconds(
    service: Service, clock: Clock
) -> None:
    body = await service.register()
    lost = (await service.refresh(body["refresh_token"])).json()
    clock.forward(seconds=9)
    again = await service.refresh(body["refresh_token"])
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert claims(again.json())["sid"] == claims(body)["sid"]
    assert claims(again.json())["jti"] != claims(lost)["jti"]


async def test_a_token_whose_successor_was_used_ends_the_session_within_the_leeway(
    service: Service,
) -> None:
    body = await service.register()
    successor = (await service.refresh(body["refresh_token"])).json()
    newest = (await service.refresh(successor["refresh_token"])).json()
    reused = await service.refresh(body["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    assert (await service.refresh(newest["refresh_token"])).status_code == 401


async def test_one_family_does_not_affect_another(service: Service, clock: Clock) -> None:
    first, other = await service.register(), await service.register()
    await service.refresh(first["refresh_token"])
    clock.forward(seconds=11)
    assert (await service.refresh(first["refresh_token"])).status_code == 401
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


async def test_no_refresh_token_can_be_read_from_the_database(service: Service) -> None:
    first = await service.register()
    second = (await service.refresh(first["refresh_token"])).json()
    async with service.parts.database.transaction() as transaction:
        rows = (await transaction.scalars(select(RefreshTokenRow))).all()
    tokens = [body["refresh_token"] for body in (first, second)]
    assert {row.token_hash for row in rows} == {
        hashlib.sha256(token.encode()).digest() for token in tokens
    }
    (sealed,) = [row.sealed_successor for row in rows if row.sealed_successor]
    assert tokens[1].encode() not in sealed


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


async def test_a_ticket_has_one_signed_statement(service: Service, valkey: Redis) -> None:
    body = await service.register()
    answer = await service.http.post("/api/auth/ws-ticket", headers=bearer(body))
    assert answer.status_code == 201
    assert answer.json()["expires_in"] == 60
    assert answer.headers["cache-control"] == "no-store"
    digest = hashlib.sha256(answer.json()["ticket"].encode()).hexdigest()
    assert 0 < await valkey.ttl(f"netra:ticket:{digest}") <= 60
    stored = str(await valkey.getdel(f"netra:ticket:{digest}"))
    found = await service.parts.verifier.verify_ticket(stored, digest)
    assert str(found.sid) == claims(body)["sid"]
    assert (found.jti, found.exp) == (claims(body)["jti"], claims(body)["exp"])
    with pytest.raises(TokenInvalid):
        await service.parts.verifier.verify(stored)
    assert await valkey.getdel(f"netra:ticket:{digest}") is None


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


async def test_the_reason_of_a_revocation_is_stored(service: Service, clock: Clock) -> None:
    body = await service.register()
    await service.refresh(body["refresh_token"])
    clock.forward(seconds=11)
    await service.refresh(body["refresh_token"])
    async with service.parts.database.transaction() as transaction:
        row = (await transaction.scalars(select(SessionRow))).one()
    assert row.revocation_reason == "token_reused"
    assert row.announced_at is not None
