import json

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.verdict.evidence import Arm, Attempt, Evidence, add, arm_of

ATTEMPTS = st.lists(
    st.builds(Attempt, st.floats(0, 5), st.sampled_from(["", "", "http_500", "timeout"])),
    max_size=30,
)
BOUNDS = (0.5, 1.0)


def test_an_arm_counts_failures_by_class_and_slow_attempts_by_bound() -> None:
    arm = arm_of([Attempt(0.1), Attempt(0.7), Attempt(2), Attempt(0.1, "http_500")], BOUNDS)

    assert arm == Arm(4, {"http_500": 1}, (3, 2))
    assert arm.failed == 1


@given(st.lists(st.tuples(ATTEMPTS, ATTEMPTS), max_size=5))
def test_intervals_add_up_and_survive_json(
    intervals: list[tuple[list[Attempt], list[Attempt]]],
) -> None:
    evidence = Evidence()
    for baseline, canary in intervals:
        evidence = add(evidence, arm_of(baseline, BOUNDS), arm_of(canary, BOUNDS))

    assert evidence.canary.attempts == sum(len(canary) for _, canary in intervals)
    assert evidence.baseline.failed == sum(
        bool(attempt.failure) for baseline, _ in intervals for attempt in baseline
    )
    assert Evidence.from_json(json.loads(json.dumps(evidence.to_json()))) == evidence


def test_an_interval_without_a_baseline_changes_no_evidence() -> None:
    evidence = add(Evidence(), Arm(), Arm(100, {"http_500": 50}))

    assert evidence.error_evidence == 0
    assert evidence.slow_evidence == 0


@given(st.integers(1, 20))
def test_more_failures_on_the_canary_are_more_evidence(failed: int) -> None:
    fewer = add(Evidence(), Arm(50, {"timeout": 2}), Arm(50, {"timeout": failed}))
    more = add(Evidence(), Arm(50, {"timeout": 2}), Arm(50, {"timeout": failed + 1}))

    assert more.error_evidence > fewer.error_evidence
