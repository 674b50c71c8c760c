"""Every fault, on the real services, while readiness is probed 200 times a second.

For each: no probe waits for the dependency, the state of both services is right within the check's
own budget and one second in both directions, it changes exactly once each way, and the socket that
was open before stays open and continues as the runbook says. ``reports/readiness/`` keeps the
timelines. All times are fair times, see ``stolen_time``.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from test_framework.stolen_time import undisturbed
from test_framework.waiting import eventually
from tests.resilience.evidence import keep
from tests.resilience.faults import POSTGRES_FAULTS, VALKEY_FAULTS, Fault
from tests.resilience.observer import Observer
from tests.resilience.platform import Platform
from tests.resilience.prober import Prober
from tests.resilience.promises import ADMISSION_SECONDS, LATENCY_SECONDS, PROMISE_SECONDS
from tests.resilience.service_process import ServiceProcess

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]

STEADY_SECONDS = 0.5
STORE_SECONDS = 2.0  # the shortest deadline of a question to a store
ATTEMPTS = 3
AUTH_RATE = 20.0  # its state matters, its latency is the same code's
# Which checks may fall with a store, the first one always does.
FALLS = {
    "valkey": ("redis", "stream_subscription"),
    "postgres": ("database", "migrations"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Platform]:
    """Both services, started once: a fault leaves nothing behind, or the next test fails."""
    async with Platform(tmp_path_factory.mktemp("platform")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def observer(platform: Platform) -> AsyncIterator[Observer]:
    """One socket through all faults."""
    async with Observer(platform) as present:
        yield present


@pytest.mark.parametrize("fault", VALKEY_FAULTS + POSTGRES_FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_is_seen_in_time_and_no_probe_waits_for_it(
    fault: Fault, platform: Platform, observer: Observer
) -> None:
    if fault.needs == "private names" and not platform.hosts.real:
        pytest.skip("needs a mount namespace of its own (root, or unprivileged user namespaces)")
    if fault.needs == "a small disk" and not platform.disk.real:
        pytest.skip("needs the right to mount a file system (root, or sudo without a password)")

    async def attempt() -> None:
        await judge(fault, platform, observer)

    await undisturbed(attempt, deadline=STORE_SECONDS, pids=platform.pids, attempts=ATTEMPTS)


async def judge(fault: Fault, platform: Platform, observer: Observer) -> None:
    """Do the harm, undo it, and look at what was seen; undo it in any case."""
    backend, auth = platform.backend, platform.auth
    stores = platform.store_pids
    thread_id = await observer.new_thread()
    before = len(backend.log("readiness check changed"))
    async with (
        Prober(backend.port, backend.child.pid, others=stores) as prober,
        Prober(auth.port, auth.child.pid, rate=AUTH_RATE, others=stores) as of_auth,
        AsyncExitStack() as ends,
    ):
        probers = (prober, of_auth)
        hit = probers if fault.hits_auth else (prober,)
        await all_until(probers, "pass", within=ADMISSION_SECONDS)
        await prober.hold("pass", seconds=STEADY_SECONDS)

        asking: list[asyncio.Task[str]] = []

        async def undo() -> None:
            await fault.end(platform)
            await asyncio.gather(*asking, return_exceptions=True)

        prober.mark("fault starts")
        ends.push_async_callback(undo)
        await fault.start(platform)
        started = prober.now  # a disk takes its time to be full
        await observer.ping()
        asked = asyncio.create_task(observer.ask(thread_id))
        asking.append(asked)
        seen = await all_until(hit, "warn", within=PROMISE_SECONDS, since=started)
        await observer.open_another()
        # One check degrades the service, and with a pool that runs empty it may be the other one.
        await eventually(
            lambda: FALLS[fault.store][0] in fallen(backend, before),
            within=4 * PROMISE_SECONDS,  # the promise is about the state, which was seen
            what=f"{FALLS[fault.store][0]} is reported as failing",
        )
        await prober.hold("warn", seconds=STEADY_SECONDS)
        answered_meanwhile = asked.done()

        ended = prober.mark("fault ends")
        ends.pop_all()
        await fault.end(platform)
        healed = await all_until(hit, "pass", within=PROMISE_SECONDS, since=ended)
        answer = await asked
        await prober.hold("pass", seconds=STEADY_SECONDS)

    keep(
        prober.timeline,
        fault.name,
        seen_after_s=[round(seconds, 2) for seconds in seen],
        healed_after_s=[round(seconds, 2) for seconds in healed],
        asked_during_the_fault=answer,
        answered_during_the_fault=answered_meanwhile,
    )
    for one in probers:
        assert one.timeline.statuses == {200}, "degraded means 200"
        states = one.timeline.states
        admitted = states[states.index("pass") :]  # what was before the wait for it is no matter
        assert admitted == (["pass", "warn", "pass"] if one in hit else ["pass"])
    assert prober.timeline.fair_latency(99) < LATENCY_SECONDS
    checks = fallen(backend, before)
    assert len(checks) == len(set(checks)), "one line for each transition"
    assert set(checks) <= set(FALLS[fault.store])

    assert observer.is_open
    if fault.store == "valkey":
        assert answer == "RUN_FINISHED", "runs need Valkey for other instances only"
    else:
        assert answer in {"RUN_FINISHED", "database_unavailable", "command_timeout"}
        assert answer != "RUN_FINISHED" or fault.may_store, "stored although nothing can be stored"
    assert await observer.ask(thread_id) == "RUN_FINISHED"


def fallen(backend: ServiceProcess, before: int) -> list[str]:
    """Return the checks that fell since the log had ``before`` changes."""
    changes = backend.log("readiness check changed")[before:]
    return [record["check"] for record in changes if record["to"] == "failing"]


async def all_until(
    probers: Sequence[Prober], state: str, *, within: float, since: float | None = None
) -> list[float]:
    """Wait until every service is in ``state``; ``since`` is on the first prober's clock."""
    offset = 0.0 if since is None else probers[0].now - since
    return await asyncio.gather(
        *(
            one.until(state, within=within, since=None if since is None else one.now - offset)
            for one in probers
        )
    )
