from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.keys.ring import (
    KeyPhase,
    KeyTimes,
    RotationPlan,
    RotationPolicy,
    phases,
    plan_emergency,
    plan_rotation,
    signing_key,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = RotationPolicy(
    period=timedelta(days=30), lead=timedelta(hours=1), linger=timedelta(minutes=30)
)

rings = st.lists(
    st.integers(-100 * 24 * 60, 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    max_size=6,
).map(lambda times: [KeyTimes(f"k{n}", at) for n, at in enumerate(times)])


def apply(ring: list[KeyTimes], plan: RotationPlan) -> list[KeyTimes]:
    kept = [key for key in ring if key.kid not in plan.withdraw]
    return [*kept, KeyTimes("created", plan.create)] if plan.create else kept


def test_an_empty_ring_gets_a_key_that_signs_immediately() -> None:
    plan = plan_rotation([], NOW, POLICY)
    assert plan == RotationPlan(create=NOW)
    assert signing_key(apply([], plan), NOW) is not None


def test_the_next_key_is_published_before_it_signs() -> None:
    old = KeyTimes("old", NOW - POLICY.period + POLICY.lead)
    plan = plan_rotation([old], NOW, POLICY)
    assert plan.create == NOW + POLICY.lead
    ring = apply([old], plan)
    assert signing_key(ring, NOW) == old
    assert phases(ring, NOW, POLICY)["created"][0] is KeyPhase.NEXT
    assert signing_key(ring, NOW + POLICY.lead) != old


def test_nothing_is_due_before_the_lead_starts() -> None:
    young = KeyTimes("young", NOW - POLICY.period + POLICY.lead + timedelta(seconds=1))
    assert plan_rotation([young], NOW, POLICY).is_empty


def test_an_overdue_key_still_gives_the_next_its_lead() -> None:
    ancient = KeyTimes("ancient", NOW - timedelta(days=400))
    assert plan_rotation([ancient], NOW, POLICY).create == NOW + POLICY.lead


def test_a_request_is_answered_once() -> None:
    ring = [KeyTimes("k", NOW)]
    first = plan_rotation(ring, NOW, POLICY, asked=True)
    assert first.create == NOW + POLICY.lead
    assert plan_rotation(apply(ring, first), NOW, POLICY, asked=True).is_empty


def test_a_retired_key_is_published_until_its_last_token_is_dead() -> None:
    ring = [KeyTimes("old", NOW - timedelta(days=30)), KeyTimes("new", NOW)]
    just_before = NOW + POLICY.linger - timedelta(seconds=1)
    assert phases(ring, just_before, POLICY)["old"] == (KeyPhase.RETIRED, NOW + POLICY.linger)
    assert plan_rotation(ring, NOW + POLICY.linger, POLICY).withdraw == ("old",)


def test_an_emergency_leaves_one_key() -> None:
    ring = [KeyTimes("a", NOW - timedelta(days=3)), KeyTimes("b", NOW + timedelta(hours=1))]
    after = apply(ring, plan_emergency(ring, NOW))
    assert [key.signs_from for key in after] == [NOW]


@given(rings, st.booleans())
def test_applying_a_plan_leaves_nothing_to_do(ring: list[KeyTimes], asked: bool) -> None:  # noqa: FBT001
    after = apply(ring, plan_rotation(ring, NOW, POLICY, asked=asked))
    assert plan_rotation(after, NOW, POLICY).is_empty


@given(rings)
def test_exactly_one_key_signs_and_it_is_never_withdrawn(ring: list[KeyTimes]) -> None:
    after = apply(ring, plan_rotation(ring, NOW, POLICY))
    signing = [
        k for k, (phase, _) in phases(after, NOW, POLICY).items() if phase is KeyPhase.SIGNING
    ]
    current = signing_key(after, NOW)
    assert current is not None
    assert signing == [current.kid]


@given(rings)
def test_a_plan_never_withdraws_what_signs_or_waits(ring: list[KeyTimes]) -> None:
    withdrawn = set(plan_rotation(ring, NOW, POLICY).withdraw)
    by_phase = phases(ring, NOW, POLICY)
    assert all(by_phase[kid][0] is KeyPhase.WITHDRAWN for kid in withdrawn)
