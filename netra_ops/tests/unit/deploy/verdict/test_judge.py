"""The rules of the verdict, and the simulations of what it promises.

The stated numbers of docs/deploying.md: a release like the former one is refused at most 1 % of
the time; a doubled error rate (5 % -> 10 %, half of the traffic) is found within 4,000 events.
"""

import random
from collections.abc import Iterator
from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.verdict.evidence import Arm, Attempt, Evidence, add, arm_of
from netra_ops.deploy.verdict.judge import Outcome, Policy, judge, latency_bounds

POLICY = Policy()
STEPS = ((10, 90), (10, 90), (50, 50), (50, 50), (50, 50), (90, 10))  # canary, baseline attempts
CANARIES = 300
EVENTS_TO_FIND_DOUBLED_ERRORS = 4000
EVENTS_TO_FIND_A_BROKEN_RELEASE = 250


def seeded(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311  # the same simulation in every run


def failing(chance: random.Random, attempts: int, rate: float) -> Arm:
    failed = sum(chance.random() < rate for _ in range(attempts))
    return Arm(attempts, {"http_503": failed} if failed else {})


def events_until_refused(chance: random.Random, rates: tuple[float, float], limit: int) -> int:
    evidence, events = Evidence(), 0
    while events < limit:
        evidence = add(evidence, failing(chance, 50, rates[0]), failing(chance, 50, rates[1]))
        events += 100
        if judge(evidence, POLICY).outcome is Outcome.FAIL:
            return events
    return limit + 1


def looks(chance: random.Random, rate: float) -> Iterator[Outcome]:
    """Judge after every interval of a canary without any difference; the rate itself varies."""
    evidence = Evidence()
    for canary, baseline in STEPS * 2:
        now = rate * chance.uniform(0.3, 1.7)
        times = [[chance.expovariate(5) for _ in range(n)] for n in (baseline, canary)]
        arms = [
            arm_of([Attempt(s, "http_503" if chance.random() < now else "") for s in taken], (0.3,))
            for taken in times
        ]
        evidence = add(evidence, arms[0], arms[1])
        yield judge(evidence, POLICY).outcome


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.2])
def test_a_canary_without_difference_is_refused_at_most_once_in_a_hundred(rate: float) -> None:
    chance = seeded(f"same {rate}")

    refused = sum(Outcome.FAIL in looks(chance, rate) for _ in range(CANARIES))

    assert refused <= CANARIES // 100


def test_a_doubled_error_rate_is_found_within_the_stated_number_of_events() -> None:
    chance = seeded("doubled")

    needed = sorted(
        events_until_refused(chance, (0.05, 0.10), EVENTS_TO_FIND_DOUBLED_ERRORS)
        for _ in range(100)
    )

    assert needed[94] <= EVENTS_TO_FIND_DOUBLED_ERRORS  # 95 of 100 canaries


def test_a_broken_release_is_found_within_a_few_intervals() -> None:
    chance = seeded("broken")

    needed = [
        events_until_refused(chance, (0.01, 0.5), EVENTS_TO_FIND_A_BROKEN_RELEASE)
        for _ in range(100)
    ]

    assert max(needed) <= EVENTS_TO_FIND_A_BROKEN_RELEASE


def test_a_slower_release_is_refused() -> None:
    chance = seeded("slow")
    bounds = latency_bounds([chance.expovariate(5) for _ in range(200)])
    evidence = Evidence()
    for _ in range(20):
        former = [Attempt(chance.expovariate(5)) for _ in range(50)]
        slower = [Attempt(2 * chance.expovariate(5)) for _ in range(50)]
        evidence = add(evidence, arm_of(former, bounds), arm_of(slower, bounds))

    verdict = judge(evidence, POLICY)

    assert verdict.outcome is Outcome.FAIL
    assert "is slower" in verdict.reason


def test_too_few_events_are_inconclusive_for_any_result() -> None:
    evidence = add(Evidence(), Arm(49), Arm(49, {"http_500": 1}))

    assert judge(evidence, POLICY).outcome is Outcome.INCONCLUSIVE


def test_one_transient_error_refuses_nothing() -> None:
    evidence = add(Evidence(), Arm(100), Arm(100, {"http_503": 1}))

    assert judge(evidence, POLICY).outcome is Outcome.PASS


def test_an_error_class_never_seen_before_refuses_the_release() -> None:
    evidence = add(Evidence(), Arm(100), Arm(100, {"http_500": 1}))

    verdict = judge(evidence, POLICY)

    assert (verdict.outcome, verdict.unseen) == (Outcome.FAIL, ("http_500",))
    assert judge(evidence, POLICY, {"http_500"}).outcome is Outcome.PASS


def test_a_zero_baseline_judges_many_new_errors_as_a_failure() -> None:
    evidence = add(Evidence(), Arm(100), Arm(100, {"http_503": 10}))

    assert judge(evidence, POLICY).outcome is Outcome.FAIL


def test_close_1011_is_fatal_from_the_first_event() -> None:
    evidence = add(Evidence(), Arm(1), Arm(1, {"close_1011": 1}))

    assert judge(evidence, POLICY, {"close_1011"}).outcome is Outcome.FAIL


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_canary_with_no_more_failures_than_the_baseline_always_passes(
    one: int, other: int
) -> None:
    worse, better = max(one, other), min(one, other)
    evidence = add(
        Evidence(),
        Arm(100, {"timeout": worse} if worse else {}),
        Arm(100, {"timeout": better} if better else {}),
    )

    verdict = judge(evidence, POLICY)

    assert verdict.outcome is Outcome.PASS
    assert verdict.error_e_value <= 1 + 1e-9


def test_the_threshold_is_that_of_half_the_false_alarms() -> None:
    assert isclose(Policy(false_alarm=0.02).threshold, log(100))


@pytest.mark.parametrize("bad", [{"false_alarm": 0.0}, {"false_alarm": 1.0}, {"minimum_events": 0}])
def test_a_meaningless_policy_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Policy(**bad)  # type: ignore[arg-type]


def test_latency_bounds_are_quantiles_of_the_former_release() -> None:
    assert latency_bounds([n / 100 for n in range(1, 101)]) == (0.5, 0.9, 0.99)
    assert latency_bounds([]) == ()
