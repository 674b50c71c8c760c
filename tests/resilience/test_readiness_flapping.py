"""A dependency that comes and goes every second must not make the state do the same."""

import asyncio

import pytest

from tests.resilience.conftest import StartStack
from tests.resilience.evidence import keep
from tests.resilience.prober import Prober
from tests.resilience.promises import ADMISSION_SECONDS, LATENCY_SECONDS, PROMISE_SECONDS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

FLAPS = 5
HALF_PERIOD_SECONDS = 1.0
# Fall, one quick recovery, fall again: from then on the hold is longer than the dependency lasts.
# One more pair is granted to a pass that happens to fill its whole second.
MOST_CHANGES = 5


async def test_flapping_every_second_settles_and_recovers_in_time(start_stack: StartStack) -> None:
    stack = await start_stack()
    async with Prober(stack.service.port, stack.service.child.pid) as prober:
        await prober.until("pass", within=ADMISSION_SECONDS)
        for _ in range(FLAPS):
            prober.mark("down")
            await stack.to_valkey.refuse()
            await asyncio.sleep(HALF_PERIOD_SECONDS)
            prober.mark("up")
            await stack.to_valkey.forward()
            await asyncio.sleep(HALF_PERIOD_SECONDS)
        healed = await prober.until("pass", within=PROMISE_SECONDS)
        await prober.hold("pass", seconds=2)

    keep(prober.timeline, "valkey-flapping", healed_after_s=round(healed, 2))
    after_admission = prober.timeline.states[prober.timeline.states.index("pass") :]
    assert set(after_admission) == {"pass", "warn"}
    assert len(after_admission) - 1 <= MOST_CHANGES + 1  # and the final recovery
    assert prober.timeline.fair_latency(99) < LATENCY_SECONDS
    assert len(stack.service.log("readiness check changed")) <= MOST_CHANGES + 3
