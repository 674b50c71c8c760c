"""What happens to one instance: its budgets, a freeze, a flapping dependency, SIGTERM."""

import asyncio
import os
import signal
from itertools import pairwise

import httpx
import pytest
import pytest_asyncio

from tests.resilience.conftest import StartStack
from tests.resilience.evidence import keep
from tests.resilience.prober import Prober
from tests.resilience.promises import ADMISSION_SECONDS, LATENCY_SECONDS, PROMISE_SECONDS
from tests.resilience.stack import Stack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]

DRAIN_SEEN_SECONDS = 0.25  # immediately: the next probe
DRAIN_SECONDS = 4.0
EXIT_SECONDS = 9.0
# Worst case 6.5 s, longest pause 0.72 s, margin 2 s: see health_refresh.Refresh.stale_after
STALE_SECONDS = 9.22
THAWED_SECONDS = 3.0

FLAPS = 4
HALF_PERIOD_SECONDS = 1.0
# Fall, one quick recovery, fall again: from then on the hold is longer than the dependency lasts.
# One more pair is granted to a pass that happens to fill its whole second.
MOST_CHANGES = 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(start_stack: StartStack) -> Stack:
    return await start_stack()


async def test_verbose_shows_the_budgets_that_are_in_force(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.service.url) as client:
        report = (await client.get("/health/ready?verbose=1")).json()
        outside = (
            await client.get("/health/ready?verbose=1", headers={"X-Forwarded-For": "203.0.113.9"})
        ).json()
        head = await client.head("/health/ready")
    assert report["budget"] == {"readinessSeconds": 8.0, "worstCaseSeconds": 6.5}
    assert report["checks"]["redis:responseTime"][0]["budget"] == {
        "timeoutSeconds": 3.0,
        "retryCount": 2,
        "retryDelaySeconds": 0.5,
        "worstCaseSeconds": 6.5,
    }
    assert "checks" not in outside
    assert head.status_code in {200, 503}
    assert head.content == b""


async def test_an_instance_that_was_frozen_says_so_before_it_serves_again(stack: Stack) -> None:
    """Cloud Run takes the processor between requests by default; so does a laptop.

    The first probe after the thaw is answered from a snapshot as old as the freeze.
    """
    async with Prober(stack.service.port, stack.service.child.pid, rate=20) as prober:
        await prober.until("pass", within=ADMISSION_SECONDS)
        prober.mark("SIGSTOP")
        os.kill(stack.service.child.pid, signal.SIGSTOP)
        try:
            await prober.until("no answer", within=STALE_SECONDS + 2)
        finally:
            os.kill(stack.service.child.pid, signal.SIGCONT)
        prober.mark("SIGCONT")
        await prober.until("pass", within=THAWED_SECONDS)
    keep(prober.timeline, "frozen")
    changes = stack.service.log("readiness changed")
    stale = [record for record in changes if "stale, no result for" in str(record["reasons"])]
    assert [record["status"] for record in stale] == ["fail"]


async def test_flapping_every_second_settles_and_recovers_in_time(stack: Stack) -> None:
    async with Prober(stack.service.port, stack.service.child.pid) as prober:
        await prober.until("pass", within=ADMISSION_SECONDS)
        before = len(stack.service.log("readiness check changed"))
        for _ in range(FLAPS):
            prober.mark("down")
            await stack.to_valkey.refuse()
            await asyncio.sleep(HALF_PERIOD_SECONDS)
            prober.mark("up")
            await stack.to_valkey.forward()
            await asyncio.sleep(HALF_PERIOD_SECONDS)
        healed = await prober.until("pass", within=PROMISE_SECONDS)
        await prober.hold("pass", seconds=1)

    keep(prober.timeline, "valkey-flapping", healed_after_s=round(healed, 2))
    # A standstill of this process makes a half period longer, maybe long enough to recover in.
    moments = [at for at, _ in prober.timeline.marks]
    longer = sum(b - a > 1.2 * HALF_PERIOD_SECONDS for a, b in pairwise(moments))
    most = MOST_CHANGES + 1 + 2 * longer  # the one is the final recovery
    states = prober.timeline.states
    admitted = states[states.index("pass") :]  # the first probe can come before the admission
    assert set(admitted) == {"pass", "warn"}
    assert len(admitted) - 1 <= most
    assert prober.timeline.fair_latency(99) < LATENCY_SECONDS
    assert len(stack.service.log("readiness check changed")) - before <= most


async def test_sigterm_turns_unready_immediately_while_liveness_still_passes(stack: Stack) -> None:
    await stack.post(f"/linger?seconds={DRAIN_SECONDS}")
    async with (
        Prober(stack.service.port, stack.service.child.pid) as prober,
        httpx.AsyncClient(base_url=stack.service.url) as client,
    ):
        await prober.until("pass", within=ADMISSION_SECONDS)
        prober.mark("SIGTERM")
        os.kill(stack.service.child.pid, signal.SIGTERM)
        seen = await prober.until("fail", within=DRAIN_SEEN_SECONDS)
        alive, report = await asyncio.gather(
            client.get("/health"), client.get("/health/ready?verbose=1")
        )
    keep(prober.timeline, "sigterm", seen_after_s=round(seen, 3))
    assert alive.json()["status"] == "pass"
    assert report.status_code == 503
    assert report.headers["retry-after"] == "1"
    assert report.json()["output"] == "draining"
    assert await stack.service.child.wait(EXIT_SECONDS) in {0, -signal.SIGTERM}
