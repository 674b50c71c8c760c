"""What happens to the instance itself: SIGTERM, a freeze, a first start without dependencies."""

import os
import signal
import time

import httpx
import pytest

from tests.resilience.conftest import StartStack
from tests.resilience.evidence import keep
from tests.resilience.prober import Prober
from tests.resilience.promises import ADMISSION_SECONDS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

DRAIN_SEEN_SECONDS = 0.25  # at once: the next probe, and a busy machine
# Worst case 6.5 s, longest pause 0.72 s, margin 2 s: see health_refresh.Refresh.stale_after
STALE_SECONDS = 9.3


async def test_sigterm_turns_unready_at_once_while_liveness_still_passes(
    start_stack: StartStack,
) -> None:
    stack = await start_stack()
    async with (
        Prober(stack.service.port, stack.service.child.pid) as prober,
        httpx.AsyncClient() as client,
    ):
        await prober.until("pass", within=ADMISSION_SECONDS)
        prober.mark("SIGTERM")
        os.kill(stack.service.child.pid, signal.SIGTERM)
        await prober.until("fail", within=DRAIN_SEEN_SECONDS)
        alive = await client.get(f"{stack.service.url}/health")
        report = await client.get(f"{stack.service.url}/health/ready?verbose=1")
    keep(prober.timeline, "sigterm")
    assert alive.json()["status"] == "pass"
    assert report.status_code == 503
    assert report.headers["retry-after"] == "1"
    assert report.json()["output"] == "draining"
    assert await stack.service.child.wait(9.0) in {0, -signal.SIGTERM}


async def test_an_instance_that_was_frozen_says_so_before_it_serves_again(
    start_stack: StartStack,
) -> None:
    """Cloud Run takes the processor away between requests unless told otherwise; so does a laptop.

    The first probe after the thaw is answered from a snapshot as old as the freeze.
    """
    stack = await start_stack()
    async with Prober(stack.service.port, stack.service.child.pid, rate=20) as prober:
        await prober.until("pass", within=ADMISSION_SECONDS)
        os.kill(stack.service.child.pid, signal.SIGSTOP)
        frozen_at = time.monotonic()
        try:
            await prober.until("no answer", within=12)
        finally:
            os.kill(stack.service.child.pid, signal.SIGCONT)
        # integrity: allow no-wall-clock: stale too early would be wrong as well
        assert time.monotonic() - frozen_at > STALE_SECONDS
        await prober.until("pass", within=3)
    changes = stack.service.log("readiness changed")
    stale = [record for record in changes if "stale, no result for" in str(record["reasons"])]
    assert len(stale) == 1
    assert stale[0]["status"] == "fail"


async def test_verbose_shows_the_budgets_that_are_in_force(start_stack: StartStack) -> None:
    stack = await start_stack()
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
