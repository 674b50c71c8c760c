import asyncio
import time
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from auth_service.app.errors import HashingSaturated
from auth_service.app.passwords.hashing import HashClient, HashParameters, PasswordHashing
from auth_service.tests.unit.support import eventually

CHEAP = HashParameters(memory_kib=8192, passes=1)
SLOW = HashParameters(memory_kib=65536, passes=6)  # about half a second of one core


def counted(operation: str) -> float:
    name = "auth_password_hash_operations_total"
    return REGISTRY.get_sample_value(name, {"operation": operation}) or 0.0


def pending() -> float:
    return REGISTRY.get_sample_value("auth_password_hash_pending") or 0.0


@pytest.fixture
def hashing() -> Iterator[PasswordHashing]:
    made = PasswordHashing(CHEAP, threads=2, queue=8, deadline_seconds=10)
    yield made
    made.close()


async def test_verifies_what_it_hashed(hashing: PasswordHashing) -> None:
    stored = await hashing.hash("trombone-violet-harbour")
    assert stored.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert (await hashing.verify(stored, "trombone-violet-harbour")).matched
    assert not (await hashing.verify(stored, "trombone-violet-harbor")).matched


async def test_the_default_cost_is_owasps_minimum() -> None:
    assert HashParameters() == HashParameters(memory_kib=19456, passes=2, lanes=1)


async def test_a_hash_of_other_parameters_verifies_and_is_outdated(
    hashing: PasswordHashing,
) -> None:
    older = PasswordHashing(
        HashParameters(memory_kib=9216, passes=1), threads=1, queue=1, deadline_seconds=10
    )
    stored = await older.hash("trombone-violet-harbour")
    older.close()
    verification = await hashing.verify(stored, "trombone-violet-harbour")
    assert verification.matched
    assert verification.outdated
    assert not (await hashing.verify(stored, "wrong")).outdated


async def test_an_unknown_account_costs_the_same_computation(hashing: PasswordHashing) -> None:
    stored = await hashing.hash("trombone-violet-harbour")
    decoys, verifications = counted("decoy"), counted("verify")
    assert not (await hashing.verify(None, "trombone-violet-harbour")).matched
    assert not (await hashing.verify(stored, "wrong")).matched
    assert counted("decoy") == decoys + 1
    assert counted("verify") == verifications + 1


async def test_known_and_unknown_accounts_take_the_same_time() -> None:
    hashing = PasswordHashing(HashParameters(), threads=1, queue=1, deadline_seconds=30)
    stored = await hashing.hash("trombone-violet-harbour")
    rounds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(15):  # interleaved, so that a busy machine slows both
        for known, spent in rounds.items():
            started = time.perf_counter()
            await hashing.verify(stored if known else None, "wrong")
            spent.append(time.perf_counter() - started)
    hashing.close()
    # The fastest round is the one the machine disturbed least. Without the decoy the ratio of the
    # two is above a thousand.
    ratio = min(rounds[True]) / min(rounds[False])
    assert 1 / 3 < ratio < 3


async def test_refuses_a_corrupt_hash(hashing: PasswordHashing) -> None:
    assert not (await hashing.verify("$argon2id$broken", "anything")).matched


async def test_the_event_loop_runs_while_hashing() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=1, deadline_seconds=30)
    turns = 0
    job = asyncio.create_task(hashing.hash("trombone-violet-harbour"))
    while not job.done():
        turns += 1
        await asyncio.sleep(0.005)
    await job
    hashing.close()
    assert turns > 5  # a blocked loop would have run once


async def test_one_more_than_the_bound_is_refused_immediately() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=1, deadline_seconds=30)
    accepted = [asyncio.create_task(hashing.hash(f"password {n}")) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(HashingSaturated) as refused:
        await hashing.hash("one too many")
    assert refused.value.status == 503
    assert refused.value.retry_after == 1.0
    await asyncio.gather(*accepted)
    hashing.close()


async def test_a_caller_that_leaves_does_not_free_its_slot_early() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=0, deadline_seconds=30)
    await asyncio.to_thread(hashing._decoy.result)
    leaver = asyncio.create_task(hashing.hash("leaves"))
    await eventually(lambda: pending() == 1)
    await eventually(hashing._threads._work_queue.empty)  # the thread has taken it
    # integrity: allow no-sleep: a thread signals no event when it starts
    await asyncio.sleep(0.02)
    leaver.cancel()
    await asyncio.wait({leaver})
    with pytest.raises(HashingSaturated):
        await hashing.hash("too early")
    await eventually(lambda: pending() == 0)
    assert await hashing.hash("now there is room")
    hashing.close()


async def test_the_deadline_covers_the_wait() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=8, deadline_seconds=0.05)
    with pytest.raises(HashingSaturated, match=r"0\.05 s"):
        await hashing.hash("behind the decoy")
    hashing.close()


async def test_a_flood_of_one_client_delays_another_by_one_computation() -> None:
    hashing = PasswordHashing(CHEAP, threads=1, queue=16, deadline_seconds=30)
    finished: list[str] = []

    async def hashed(name: str, client: HashClient) -> None:
        await hashing.hash("trombone-violet-harbour", client)
        finished.append(name)

    flood = [asyncio.create_task(hashed("flood", HashClient("192.0.2.1"))) for _ in range(12)]
    await asyncio.sleep(0)
    honest = asyncio.create_task(hashed("honest", HashClient("192.0.2.2")))
    await asyncio.sleep(0)
    familiar = asyncio.create_task(hashed("familiar", HashClient("192.0.2.3", familiar=True)))
    await asyncio.gather(*flood, honest, familiar)
    hashing.close()
    assert finished.index("familiar") == 1
    assert finished.index("honest") <= 3


async def test_a_displaced_computation_is_refused() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=1, deadline_seconds=30)
    running = asyncio.create_task(hashing.hash("first"))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(hashing.hash("second"))
    await asyncio.sleep(0)
    familiar = asyncio.create_task(hashing.hash("third", HashClient("192.0.2.3", familiar=True)))
    with pytest.raises(HashingSaturated):
        await waiting
    await asyncio.gather(running, familiar)
    hashing.close()
    assert pending() == 0


async def test_a_computation_that_timed_out_leaves_the_queue() -> None:
    hashing = PasswordHashing(SLOW, threads=1, queue=1, deadline_seconds=0.05)
    jobs = [asyncio.create_task(hashing.hash(f"password {n}")) for n in range(2)]
    for job in jobs:
        with pytest.raises(HashingSaturated):
            await job
    assert pending() == 1  # the one that a thread computes
    hashing.close()
    await eventually(lambda: pending() == 0)
