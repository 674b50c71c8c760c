"""Three instances: what hits all empties nothing, what hits one takes one out."""

import pytest

from tests.resilience.conftest import StartStack
from tests.resilience.fleet import FleetWatch
from tests.resilience.promises import ADMISSION_SECONDS, IN_PROCESS_SECONDS, PROMISE_SECONDS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

# An isolated instance needs its own verdict and then the others' reports, one each second.
ISOLATION_SECONDS = PROMISE_SECONDS + 2.5


async def test_an_outage_of_postgresql_degrades_three_instances_and_empties_none(
    start_stack: StartStack,
) -> None:
    stack = await start_stack(instances=3)
    async with FleetWatch(stack) as fleet:
        await fleet.until(["pass", "pass", "pass"], within=ADMISSION_SECONDS)
        for path in stack.postgres_paths:
            await path.refuse()
        await fleet.until(["warn", "warn", "warn"], within=PROMISE_SECONDS)
        await fleet.hold(["warn", "warn", "warn"], seconds=2)
        for path in stack.postgres_paths:
            await path.forward()
        await fleet.until(["pass", "pass", "pass"], within=PROMISE_SECONDS)
    assert fleet.fewest_ready_since_admission == 3


async def test_the_instance_that_alone_cannot_reach_postgresql_leaves_and_comes_back(
    start_stack: StartStack,
) -> None:
    stack = await start_stack(instances=3)
    async with FleetWatch(stack) as fleet:
        await fleet.until(["pass", "pass", "pass"], within=ADMISSION_SECONDS)
        await stack.postgres_paths[0].refuse()
        await fleet.until(["fail", "pass", "pass"], within=ISOLATION_SECONDS)
        # Now the others lose it too: nobody can prove anything, so the first one returns.
        await stack.postgres_paths[1].refuse()
        await stack.postgres_paths[2].refuse()
        await fleet.until(["warn", "warn", "warn"], within=ISOLATION_SECONDS)
        for path in stack.postgres_paths:
            await path.forward()
        await fleet.until(["pass", "pass", "pass"], within=PROMISE_SECONDS)
    assert fleet.fewest_ready_since_admission == 2


async def test_without_valkey_nobody_can_be_sent_away(start_stack: StartStack) -> None:
    stack = await start_stack(instances=3)
    async with FleetWatch(stack) as fleet:
        await fleet.until(["pass", "pass", "pass"], within=ADMISSION_SECONDS)
        await stack.to_valkey.refuse()
        await fleet.until(["warn", "warn", "warn"], within=PROMISE_SECONDS)
        await stack.postgres_paths[0].refuse()
        await fleet.hold(["warn", "warn", "warn"], seconds=3)
    assert fleet.fewest_ready_since_admission == 3


async def test_a_fault_of_the_instances_own_takes_it_out_alone(start_stack: StartStack) -> None:
    stack = await start_stack(instances=3)
    async with FleetWatch(stack) as fleet:
        await fleet.until(["pass", "pass", "pass"], within=ADMISSION_SECONDS)
        await stack.post("/worker?alive=false", instance=1)
        await fleet.until(["pass", "fail", "pass"], within=IN_PROCESS_SECONDS)
        await stack.post("/worker?alive=true", instance=1)
        await fleet.until(["pass", "pass", "pass"], within=IN_PROCESS_SECONDS)


async def test_an_instance_that_starts_during_an_outage_is_not_admitted(
    start_stack: StartStack,
) -> None:
    stack = await start_stack(instances=2)
    async with FleetWatch(stack) as fleet:
        await fleet.until(["pass", "pass"], within=ADMISSION_SECONDS)
        for path in stack.postgres_paths:
            await path.refuse()
        await fleet.until(["warn", "warn"], within=PROMISE_SECONDS)
        await stack.services[1].stop()
        await stack.services[1].start()
        await fleet.hold(["warn", "fail"], seconds=2, settle=2)
        for path in stack.postgres_paths:
            await path.forward()
        await fleet.until(["pass", "pass"], within=PROMISE_SECONDS)
