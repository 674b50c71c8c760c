"""The background refresh, on a virtual clock: bounds both ways, staleness, admission, drain."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from structlog.testing import capture_logs

from netra_shared.health.check import FailureScope, ServiceReadinessCheck
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.refresh import Refresh
from netra_shared.health.snapshot import HealthStatus
from netra_shared.tests.unit.scripted_validator import never, unresponsive
from netra_shared.tests.unit.virtual_clock import simulate

PASS, WARN, FAIL = HealthStatus.PASS, HealthStatus.WARN, HealthStatus.FAIL


@dataclass
class Dependency:
    """Answers as its ``mode`` says at the moment it is asked."""

    mode: str = "up"
    asked: int = 0

    async def __call__(self) -> bool:
        self.asked += 1
        if self.mode == "silent":
            await never()
        if self.mode == "unresponsive":
            await unresponsive()
        await asyncio.sleep(2.9 if self.mode == "slow" else 0.001)
        return self.mode in {"up", "slow"}


def check(
    validator: Dependency,
    *,
    name: str = "redis",
    critical: bool = False,
    scope: FailureScope = FailureScope.SHARED,
) -> ServiceReadinessCheck:
    return ServiceReadinessCheck(
        name=name,
        validator=validator,
        timeout_seconds=3.0,
        retry_count=2,
        retry_delay=0.5,
        is_critical=critical,
        description="",
        scope=scope,
    )


async def seconds_until(monitor: ReadinessMonitor, status: HealthStatus) -> float:
    loop = asyncio.get_running_loop()
    started = loop.time()
    while monitor.snapshot().status is not status:
        await asyncio.sleep(0.01)
        assert loop.time() - started < 60, f"never {status}: {monitor.snapshot().reasons}"
    return loop.time() - started


@settings(max_examples=40, deadline=None)
@given(
    mode=st.sampled_from(["refused", "silent", "unresponsive"]),
    up_seconds=st.floats(1, 20),
    down_seconds=st.floats(1, 40),
)
def test_a_fault_and_its_end_are_seen_within_the_budget_and_one_second(
    mode: str, up_seconds: float, down_seconds: float
) -> None:
    async def story() -> None:
        dependency = Dependency()
        redis = check(dependency)
        promise = redis.worst_case_seconds + 1.0
        async with ReadinessMonitor([redis]) as monitor:
            assert await seconds_until(monitor, PASS) < 1
            await asyncio.sleep(up_seconds)
            dependency.mode = mode
            assert await seconds_until(monitor, WARN) <= promise
            await asyncio.sleep(down_seconds)
            dependency.mode = "up"
            if mode != "unresponsive":  # an unresponsive attempt keeps its place for an hour
                assert await seconds_until(monitor, PASS) <= promise
        await asyncio.sleep(7200)

    simulate(story())


def test_slow_but_within_the_deadline_passes() -> None:
    async def story() -> None:
        async with ReadinessMonitor([check(Dependency("slow"))]) as monitor:
            assert await seconds_until(monitor, PASS) == pytest.approx(2.9, abs=0.1)
            for _ in range(100):
                await asyncio.sleep(0.3)
                assert monitor.snapshot().status is PASS

    simulate(story())


def test_a_hanging_check_does_not_delay_another() -> None:
    async def story() -> None:
        database = Dependency()
        checks = [check(Dependency("silent")), check(database, name="database", critical=True)]
        async with ReadinessMonitor(checks) as monitor:
            await seconds_until(monitor, WARN)
            asked = database.asked
            await asyncio.sleep(6)
            assert database.asked - asked >= 10

    simulate(story())


def test_failing_is_refreshed_faster_than_passing() -> None:
    async def asked_in(mode: str) -> int:
        dependency = Dependency(mode)
        async with ReadinessMonitor([check(dependency)]):
            await asyncio.sleep(60)
        return dependency.asked

    # 60 s / 0.6 s, against 60 s / (0.35 s pause + 0.5 s between two attempts), two attempts each
    assert 80 <= simulate(asked_in("up")) <= 125
    assert 126 <= simulate(asked_in("refused")) <= 160


def test_critical_shared_failure_before_and_after_admission() -> None:
    async def story() -> None:
        database = Dependency("refused")
        async with ReadinessMonitor([check(database, name="database", critical=True)]) as monitor:
            await asyncio.sleep(10)
            assert monitor.snapshot().status is FAIL
            assert not monitor.snapshot().admitted
            database.mode = "up"
            await seconds_until(monitor, PASS)
            database.mode = "refused"
            await seconds_until(monitor, WARN)
            assert monitor.snapshot().admitted

    simulate(story())


def test_an_instances_own_failure_makes_it_unready() -> None:
    async def story() -> None:
        runtime = Dependency()
        own = check(runtime, name="agents", critical=True, scope=FailureScope.INSTANCE)
        async with ReadinessMonitor([own]) as monitor:
            await seconds_until(monitor, PASS)
            runtime.mode = "refused"
            await seconds_until(monitor, FAIL)

    simulate(story())


def test_without_its_owner_the_snapshot_goes_stale_within_its_bound() -> None:
    async def story() -> None:
        redis = check(Dependency())
        monitor = ReadinessMonitor([redis])
        await monitor.start()
        await seconds_until(monitor, PASS)
        await monitor.stop()
        took = await seconds_until(monitor, FAIL)
        assert took == pytest.approx(monitor.refresh.stale_after(redis), abs=0.9)
        assert monitor.snapshot().reasons[0].startswith("redis: stale, no result for")

    simulate(story())


def test_a_slow_run_is_not_stale_by_itself() -> None:
    async def story() -> None:
        async with ReadinessMonitor([check(Dependency("silent"))]) as monitor:
            await seconds_until(monitor, WARN)
            for _ in range(200):
                await asyncio.sleep(0.2)
                assert monitor.snapshot().status is WARN

    simulate(story())


def test_draining_is_immediate_and_final() -> None:
    async def story() -> None:
        async with ReadinessMonitor([check(Dependency())]) as monitor:
            await seconds_until(monitor, PASS)
            monitor.drain()
            monitor.drain("a second reason changes nothing")
            assert monitor.snapshot().status is FAIL
            assert monitor.snapshot().reasons == ("draining",)
            await asyncio.sleep(30)
            assert monitor.snapshot().status is FAIL

    simulate(story())


@pytest.mark.parametrize("mode", ["up", "silent", "unresponsive"])
def test_stop_is_bounded_and_ends_every_task(mode: str) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        monitor = ReadinessMonitor([check(Dependency(mode))])
        await monitor.start()
        await asyncio.sleep(4)
        started = loop.time()
        await monitor.stop()
        await monitor.stop()
        assert loop.time() - started <= 2 * monitor.refresh.stop_seconds
        if mode != "unresponsive":
            assert asyncio.all_tasks() == {asyncio.current_task()}
        await asyncio.sleep(7200)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    simulate(story())


def test_transitions_are_logged_once_however_often_it_is_probed() -> None:
    async def story() -> None:
        dependency = Dependency()
        async with ReadinessMonitor([check(dependency)]) as monitor:
            await seconds_until(monitor, PASS)
            dependency.mode = "refused"
            await seconds_until(monitor, WARN)
            for _ in range(500):
                await asyncio.sleep(0.05)
                monitor.snapshot()

    with capture_logs() as records:
        simulate(story())
    shown = [(record["event"], record.get("to") or record.get("status")) for record in records]
    assert shown == [
        ("readiness admitted", "warn"),  # not critical, so not knowing yet is no reason to wait
        ("readiness changed", "warn"),
        ("readiness check changed", "passing"),
        ("readiness changed", "pass"),
        ("readiness check changed", "failing"),
        ("readiness changed", "warn"),
    ]


async def test_two_checks_of_one_name_and_two_starts_are_refused() -> None:
    one = check(Dependency())
    with pytest.raises(ValueError, match="same name"):
        ReadinessMonitor([one, one])
    async with ReadinessMonitor([one]) as monitor:
        with pytest.raises(RuntimeError, match="already"):
            await monitor.start()


@pytest.mark.parametrize(
    ("pace", "complaint"),
    [
        ({"failing_interval_seconds": 0.7}, "at most interval_seconds"),
        ({"interval_seconds": 0.9}, "= 1.08 s must be below 1 s"),
        ({"jitter": 1.0}, "jitter"),
        ({"stop_seconds": 0.0}, "stop_seconds"),
        ({"hold_seconds": 6.0}, "at most max_hold_seconds"),
    ],
)
def test_a_pace_that_cannot_keep_the_promises_is_refused(
    pace: dict[str, float], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Refresh.model_validate(pace)


def test_pauses_stay_within_their_jitter_and_differ() -> None:
    pace = Refresh()
    pauses = [pace.pause(failing=False) for _ in range(200)]
    assert all(0.48 <= pause <= pace.longest_pause_seconds for pause in pauses)
    assert len(set(pauses)) > 100
