"""Isolation: proven by the others, on the real Valkey, and never by fewer than half of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from netra_shared.health.check import CheckResult
from netra_shared.health.fleet import BELIEVED_SECONDS, Fleet, PeerReport, isolated_checks
from netra_shared.health.state import CheckState

CLOSED_PORT = 1  # tcpmux: no server listens, and the refusal is immediate
FELL_AT = 100.0
SINCE = PeerReport(serving=True, passed={"database": 101.0})
BEFORE = PeerReport(serving=True, passed={"database": 99.0})
UNREADY = PeerReport(serving=False, passed={"database": 101.0})
FAILING = PeerReport(serving=True, passed={"redis": 101.0})


@pytest.mark.parametrize(
    ("peers", "isolated"),
    [
        ([], False),  # alone: no other instance to serve
        ([SINCE], True),
        ([BEFORE], False),  # it has not looked since
        ([UNREADY], False),
        ([FAILING], False),
        ([SINCE, FAILING], False),  # half is not more than half
        ([SINCE, SINCE, FAILING], True),
        ([SINCE, UNREADY, BEFORE], False),
    ],
)
def test_more_than_half_of_the_others_must_have_passed_since(
    *, peers: list[PeerReport], isolated: bool
) -> None:
    expected = {"database"} if isolated else set()
    assert isolated_checks({"database": FELL_AT}, peers) == expected


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 200)), min_size=1, max_size=12))
def test_fewer_than_half_can_leave_concurrently(
    fleet: list[tuple[bool, float]],
) -> None:
    """All instances decide from the same reports at the same time, the worst case."""
    reports = [
        PeerReport(serving=True, passed={"database": at} if passing else {})
        for passing, at in fleet
    ]
    gone = 0
    for index, (passing, at) in enumerate(fleet):
        others = reports[:index] + reports[index + 1 :]
        gone += not passing and bool(isolated_checks({"database": at}, others))
    assert 2 * gone <= len(fleet)
    assert gone < len(fleet)


def state(*, passing: bool, finished_ago: float = 0.0, changed_ago: float = 0.0) -> CheckState:
    now = asyncio.get_running_loop().time()
    last = CheckResult(passing, 0.0, 1, "", now - finished_ago, datetime.now(UTC))
    return CheckState(passing=passing, last=last, changed_at=now - changed_ago)


@pytest.fixture
async def fleet(valkey_url: str) -> AsyncIterator[list[Fleet]]:
    async with AsyncExitStack() as ends:
        clients = [await ends.enter_async_context(Redis.from_url(valkey_url)) for _ in range(3)]
        yield [
            Fleet(client, service="test", instance=f"i{number}")
            for number, client in enumerate(clients)
        ]


async def test_the_isolated_instance_learns_it_and_forgets_it_when_healed(
    fleet: list[Fleet],
) -> None:
    failing = {"database": state(passing=False, changed_ago=1.0)}
    await fleet[0].exchange(failing, serving=True)
    assert fleet[0].isolated() == frozenset(), "no other instance has reported"
    for other in fleet[1:]:
        await other.exchange({"database": state(passing=True)}, serving=True)
        assert other.isolated() == frozenset()
    await fleet[0].exchange(failing, serving=True)
    assert fleet[0].isolated() == {"database"}
    await fleet[0].exchange({"database": state(passing=True)}, serving=False)
    assert fleet[0].isolated() == frozenset()


async def test_a_pass_from_before_the_fall_proves_nothing(fleet: list[Fleet]) -> None:
    for other in fleet[1:]:
        await other.exchange({"database": state(passing=True, finished_ago=3.0)}, serving=True)
    await fleet[0].exchange({"database": state(passing=False, changed_ago=2.0)}, serving=True)
    assert fleet[0].isolated() == frozenset()


async def test_who_leaves_counts_no_longer(fleet: list[Fleet]) -> None:
    for other in fleet[1:]:
        await other.exchange({"database": state(passing=True)}, serving=True)
    await fleet[1].leave(1.0)
    await fleet[2].leave(1.0)
    await fleet[0].exchange({"database": state(passing=False, changed_ago=1.0)}, serving=True)
    assert fleet[0].isolated() == frozenset()


async def test_a_report_of_a_killed_instance_expires(fleet: list[Fleet], valkey_url: str) -> None:
    await fleet[1].exchange({"database": state(passing=True)}, serving=True)
    async with Redis.from_url(valkey_url, decode_responses=True) as client:
        key = "netra:readiness:fleet:test"
        report = json.loads(await client.hget(key, "i1") or "")
        aged = json.dumps(report | {"at": report["at"] - BELIEVED_SECONDS - 0.1})
        await client.hset(key, "i1", aged)
        await fleet[0].exchange({"database": state(passing=False, changed_ago=1.0)}, serving=True)
        assert fleet[0].isolated() == frozenset()
        assert await client.hkeys(key) == ["i0"]


async def test_without_valkey_nothing_is_concluded() -> None:
    async with Redis(port=CLOSED_PORT, retry=Retry(NoBackoff(), 0)) as client:
        lonely = Fleet(client, service="test", instance="i0")
        await lonely.exchange({"database": state(passing=False)}, serving=True)
        await lonely.leave(1.0)
        assert lonely.isolated() == frozenset()
