"""The rule which failures may make an instance unready."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.health.check import CheckResult, FailureScope, ServiceReadinessCheck
from netra_shared.health.snapshot import Circumstances, HealthStatus, compose, verdict
from netra_shared.health.state import CheckState
from netra_shared.tests.unit.scripted_validator import never

PASS, WARN, FAIL = HealthStatus.PASS, HealthStatus.WARN, HealthStatus.FAIL
NOW = 100.0
SERVING = Circumstances(
    now=NOW, started_at=0.0, admitted=True, draining="", stale_after={"database": 9.0}
)
DATABASE = ServiceReadinessCheck(
    name="database",
    validator=never,
    timeout_seconds=3.0,
    retry_count=2,
    retry_delay=0.5,
    is_critical=True,
    description="",
)


def state(*, passing: bool | None, age: float = 1.0) -> CheckState:
    if passing is None:
        return CheckState()
    output = "" if passing else "refused"
    last = CheckResult(passing, 0.01, 1, output, NOW - age, datetime.now(UTC))
    return CheckState(passing=passing, last=last)


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("scope", list(FailureScope))
@pytest.mark.parametrize("admitted", [True, False])
@pytest.mark.parametrize("isolated", [True, False])
def test_a_failure_makes_unready_only_where_leaving_helps(
    *, critical: bool, scope: FailureScope, admitted: bool, isolated: bool
) -> None:
    check = replace(DATABASE, is_critical=critical, scope=scope)
    around = replace(SERVING, admitted=admitted, isolated={"database"} if isolated else set())
    status, reason = verdict(check, state(passing=False), around)
    leaving_helps = scope is FailureScope.INSTANCE or not admitted or isolated
    assert status is (FAIL if critical and leaving_helps else WARN)
    assert reason.startswith("refused")


@pytest.mark.parametrize(("critical", "expected"), [(True, FAIL), (False, WARN)])
def test_before_the_first_result(*, critical: bool, expected: HealthStatus) -> None:
    around = replace(SERVING, started_at=NOW - 1)
    check = replace(DATABASE, is_critical=critical)
    assert verdict(check, state(passing=None), around) == (expected, "not checked yet")


@pytest.mark.parametrize("passing", [True, False, None])
@pytest.mark.parametrize("critical", [True, False])
def test_stale_is_fail_after_any_result(*, passing: bool | None, critical: bool) -> None:
    check = replace(DATABASE, is_critical=critical)
    around = replace(SERVING, started_at=NOW - 9.1)
    status, reason = verdict(check, state(passing=passing, age=9.1), around)
    assert status is FAIL
    assert reason == "stale, no result for 9.1 s"


def test_draining_is_fail_and_the_first_reason() -> None:
    taken = compose([DATABASE], {"database": state(passing=True)},
                    replace(SERVING, draining="draining"))  # fmt: skip
    assert (taken.status, taken.reasons) == (FAIL, ("draining",))


def test_without_checks_an_instance_is_ready() -> None:
    assert compose([], {}, SERVING).status is PASS


def test_recovering_is_shown() -> None:
    recovering = replace(state(passing=True), passing=False)
    assert verdict(DATABASE, recovering, SERVING) == (WARN, "recovering")


checks = st.builds(
    replace,
    st.just(DATABASE),
    is_critical=st.booleans(),
    scope=st.sampled_from(FailureScope),
)


@given(st.lists(st.tuples(checks, st.sampled_from([True, False, None])), max_size=6), st.booleans())
def test_the_snapshot_is_as_bad_as_its_worst_check(
    cases: list[tuple[ServiceReadinessCheck, bool | None]],
    admitted: bool,  # noqa: FBT001
) -> None:
    named = [(replace(check, name=f"c{i}"), passing) for i, (check, passing) in enumerate(cases)]
    around = replace(
        SERVING,
        admitted=admitted,
        started_at=NOW,
        stale_after={check.name: 9.0 for check, _ in named},
    )
    states = {check.name: state(passing=passing) for check, passing in named}
    taken = compose([check for check, _ in named], states, around)
    order = [PASS, WARN, FAIL]
    worst = max((order.index(view.status) for view in taken.checks), default=0)
    assert taken.status is order[worst]
    assert len(taken.reasons) == sum(view.status is not PASS for view in taken.checks)
    assert (taken.status is PASS) == (not taken.reasons)


@given(st.lists(checks, max_size=6))
def test_an_outage_of_everything_shared_empties_no_admitted_fleet(
    shared: list[ServiceReadinessCheck],
) -> None:
    named = [
        replace(check, name=f"c{i}", scope=FailureScope.SHARED) for i, check in enumerate(shared)
    ]
    around = replace(SERVING, stale_after={check.name: 9.0 for check in named})
    states = {check.name: state(passing=False) for check in named}
    assert compose(named, states, around).status.ready
