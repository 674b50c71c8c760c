"""Three instances: what hits all empties nothing, what hits one takes one out."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.resilience.conftest import StartStack
from tests.resilience.fleet import FleetWatch
from tests.resilience.promises import ADMISSION_SECONDS, IN_PROCESS_SECONDS, PROMISE_SECONDS
from tests.resilience.stack import Stack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]

# An isolated instance needs its own verdict and then the others' reports, one each second.
ISOLATION_SECONDS = PROMISE_SECONDS + 2.5
FULL, DEGRADED = ["pass"] * 3, ["warn"] * 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(start_stack: StartStack) -> Stack:
    """Three instances through all outages, which are no flapping: the memory of falls is short."""
    return await start_stack(instances=3, READINESS__FLAP_WINDOW_SECONDS="0.5")


@pytest_asyncio.fixture(loop_scope="module")
async def watch(stack: Stack) -> AsyncIterator[FleetWatch]:
    async with FleetWatch(stack) as started:
        await started.until(FULL, within=ADMISSION_SECONDS)
        yield started


async def test_an_outage_of_postgresql_degrades_three_instances_and_empties_none(
    stack: Stack, watch: FleetWatch
) -> None:
    for path in stack.postgres_paths:
        await path.refuse()
    await watch.until(DEGRADED, within=PROMISE_SECONDS)
    await watch.hold(DEGRADED, seconds=2)
    for path in stack.postgres_paths:
        await path.forward()
    await watch.until(FULL, within=PROMISE_SECONDS)
    assert watch.fewest_ready == 3


async def test_the_instance_that_alone_cannot_reach_postgresql_leaves_and_comes_back(
    stack: Stack, watch: FleetWatch
) -> None:
    await stack.postgres_paths[0].refuse()
    await watch.until(["fail", "pass", "pass"], within=ISOLATION_SECONDS)
    # Now the others lose it too: no one can prove anything, so the first one returns.
    await stack.postgres_paths[1].refuse()
    await stack.postgres_paths[2].refuse()
    await watch.until(DEGRADED, within=ISOLATION_SECONDS)
    for path in stack.postgres_paths:
        await path.forward()
    await watch.until(FULL, within=PROMISE_SECONDS)
    assert watch.fewest_ready == 2


async def test_without_valkey_no_instance_can_be_sent_elsewhere(
    stack: Stack, watch: FleetWatch
) -> None:
    await stack.to_valkey.refuse()
    await watch.until(DEGRADED, within=PROMISE_SECONDS)
    await stack.postgres_paths[0].refuse()
    await watch.hold(DEGRADED, seconds=4)
    await stack.to_valkey.forward()
    await stack.postgres_paths[0].forward()
    await watch.until(FULL, within=ISOLATION_SECONDS)
    assert watch.fewest_ready >= 2, "the one that reaches PostgreSQL last may leave for a moment"


async def test_a_fault_of_the_instances_own_takes_it_out_alone(
    stack: Stack, watch: FleetWatch
) -> None:
    await stack.post("/worker?alive=false", instance=1)
    await watch.until(["pass", "fail", "pass"], within=IN_PROCESS_SECONDS)
    await stack.post("/worker?alive=true", instance=1)
    await watch.until(FULL, within=IN_PROCESS_SECONDS)


async def test_an_instance_that_starts_during_an_outage_is_not_admitted(
    stack: Stack, watch: FleetWatch
) -> None:
    for path in stack.postgres_paths:
        await path.refuse()
    await watch.until(DEGRADED, within=PROMISE_SECONDS)
    await stack.services[1].stop()
    await stack.services[1].start()
    await watch.hold(["warn", "fail", "warn"], seconds=2, settle=PROMISE_SECONDS)
    for path in stack.postgres_paths:
        await path.forward()
    await watch.until(FULL, within=PROMISE_SECONDS)
