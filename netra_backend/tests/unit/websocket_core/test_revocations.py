"""Concurrent look-ups share one question, on a real Valkey."""

import asyncio
from uuid import uuid4

from netra_backend.app.websocket_core.revocations import Revocations, revocation_key
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client


async def calls_of(client: object, command: str) -> int:
    stats = await client.info("commandstats")  # type: ignore[attr-defined]
    return int(stats.get(f"cmdstat_{command}", {}).get("calls", 0))


async def test_many_askers_get_their_own_answer_from_few_questions(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    try:
        revocations = Revocations(client)
        sessions = [uuid4() for _ in range(100)]
        revoked = set(sessions[::7])
        for session_id in revoked:
            await client.set(revocation_key(session_id), 1, ex=60)
        before = await calls_of(client, "exists")
        answers = await asyncio.gather(*(revocations.holds(s) for s in (*sessions, *sessions)))
        assert {s for s, held in zip(sessions, answers, strict=False) if held} == revoked
        assert answers[:100] == answers[100:]
        assert await calls_of(client, "exists") - before == 100  # asked once each
        assert not await revocations.holds(uuid4())  # and a later asker is served too
    finally:
        await client.aclose()


async def test_a_cancelled_look_up_does_not_cancel_others(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    try:
        revocations = Revocations(client)
        session_id = uuid4()
        await client.set(revocation_key(session_id), 1, ex=60)
        impatient = asyncio.create_task(revocations.holds(session_id))
        patient = asyncio.create_task(revocations.holds(session_id))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await patient
    finally:
        await client.aclose()


async def test_without_valkey_no_session_is_refused() -> None:
    client = valkey_client("redis://127.0.0.1:1/0")
    try:
        assert not await Revocations(client).holds(uuid4())
    finally:
        await client.aclose()
