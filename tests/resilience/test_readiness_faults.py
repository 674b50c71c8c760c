"""Every fault, on real servers, while readiness is probed 200 times a second.

For each: no probe waits for the dependency, the state is right within the check's own budget and
one second in both directions, and it changes exactly once each way. ``reports/readiness/`` keeps
the timelines.
"""

from pathlib import Path

import pytest

from netra_shared.health_policy import ON_GOOGLE_CLOUD
from tests.resilience.conftest import StartStack
from tests.resilience.faults import POSTGRES_FAULTS, VALKEY_FAULTS, Fault
from tests.resilience.prober import Prober
from tests.resilience.timeline import Timeline

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

EVIDENCE = Path("reports/readiness")
# 2 x 3.0 s + 0.5 s, and the second that the refresh may take to notice.
PROMISE_SECONDS = 2 * ON_GOOGLE_CLOUD.timeout_seconds + ON_GOOGLE_CLOUD.pause_seconds + 1.0
LATENCY_SECONDS = 0.1  # promised at the 99th percentile
STEADY_SECONDS = 1.0
ADMISSION_SECONDS = 10.0


@pytest.mark.parametrize("fault", VALKEY_FAULTS + POSTGRES_FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_is_seen_in_time_and_no_probe_waits_for_it(
    fault: Fault, start_stack: StartStack
) -> None:
    stack = await start_stack(private_names=fault.name == "valkey-dns")
    async with Prober("127.0.0.1", stack.service.port) as prober:
        await prober.until("pass", within=ADMISSION_SECONDS)
        await prober.hold("pass", seconds=STEADY_SECONDS)
        prober.mark("fault begins")
        await fault.begin(stack)
        seen = await prober.until("warn", within=PROMISE_SECONDS)
        await prober.hold("warn", seconds=STEADY_SECONDS)
        prober.mark("fault ends")
        await fault.end(stack)
        healed = await prober.until("pass", within=PROMISE_SECONDS)
        await prober.hold("pass", seconds=STEADY_SECONDS)

    keep(prober.timeline, fault.name, seen_after_s=round(seen, 2), healed_after_s=round(healed, 2))
    assert prober.timeline.statuses <= {200, 503}, "a probe got no answer"
    after_admission = prober.timeline.states[prober.timeline.states.index("pass") :]
    assert after_admission == ["pass", "warn", "pass"]
    assert len(prober.timeline.undisturbed) > len(prober.timeline.samples) / 2, "too noisy to tell"
    assert prober.timeline.latency(99) < LATENCY_SECONDS
    changes = stack.service.log("readiness check changed")
    fallen = [record["check"] for record in changes if record["to"] == "failing"]
    assert fallen == ["redis" if fault.name.startswith("valkey") else "database"]


def keep(timeline: Timeline, name: str, **facts: float) -> None:
    timeline.write(EVIDENCE / f"{name}.json", fault=name, **facts)
