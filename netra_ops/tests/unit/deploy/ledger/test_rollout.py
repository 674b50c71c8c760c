from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.ledger.rollout import (
    Action,
    Phase,
    Rollout,
    aborted,
    completed,
    next_action,
    resumed,
)
from netra_ops.tests.unit.deploy.ledger.makers import rollout

STEPS = st.lists(st.integers(1, 100), max_size=4, unique=True).map(lambda s: tuple(sorted(s)))
PATH = [
    Action.BUILD,
    Action.STAGE,
    Action.VERIFY,
    Action.SHIFT,
    Action.CONFIRM,
    Action.DRAIN,
    Action.BAKE,
    Action.RECORD,
]


def changes_of(action: Action, current: Rollout) -> dict[str, Any]:
    """What an action adds to the candidates."""
    added = {Action.BUILD: {"image": "i"}, Action.STAGE: {"revision": "r"}}.get(action)
    if added is None:
        return {}
    return {"services": tuple(c.model_copy(update=added) for c in current.services)}


def run(current: Rollout, actions: int = 100) -> tuple[Rollout, list[tuple[Action, int]]]:
    done: list[tuple[Action, int]] = []
    while len(done) < actions and (following := next_action(current)) is not None:
        current = completed(current, *following, **changes_of(following[0], current))
        done.append(following)
    return current, done


@given(STEPS)
def test_a_rollout_passes_every_step_in_order_and_ends_at_a_hundred_percent(
    steps: tuple[int, ...],
) -> None:
    end, done = run(rollout(*steps))

    assert end.phase is Phase.RECORDED
    assert [percent for action, percent in done if action is Action.SHIFT] == sorted({*steps, 100})
    assert list(dict.fromkeys(action for action, _ in done)) == PATH


@given(STEPS, st.integers(0, 12))
def test_traffic_never_moves_to_a_candidate_that_is_not_verified(
    steps: tuple[int, ...], actions: int
) -> None:
    current, done = run(rollout(*steps), actions)

    verified = Action.VERIFY in [action for action, _ in done]
    assert current.may_serve is verified
    assert current.percent == 0 or verified


@given(STEPS, st.integers(0, 12))
def test_after_an_abort_at_any_step_a_resume_verifies_again_and_reaches_the_end(
    steps: tuple[int, ...], actions: int
) -> None:
    current, done = run(rollout(*steps), actions)
    stopped = aborted(current, "interrupted")

    assert stopped.is_over
    if current.phase is Phase.RECORDED:
        assert stopped == current
        return
    assert stopped.percent == 0
    assert not stopped.may_serve
    end, again = run(resumed(stopped))
    assert end.phase is Phase.RECORDED
    assert Action.VERIFY in [action for action, _ in again]
    if Action.BUILD in [action for action, _ in done]:
        assert Action.BUILD not in [action for action, _ in again]


def test_a_crash_without_an_abort_continues_where_it_was() -> None:
    current, _ = run(rollout(10, 50), 4)

    assert resumed(current) == current
    assert next_action(current) == (Action.SHIFT, 50)


def test_an_action_out_of_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="shift does not follow planned at 0 %"):
        completed(rollout(10), Action.SHIFT, 10)


@given(STEPS, st.integers(0, 12))
def test_it_survives_the_journal(steps: tuple[int, ...], actions: int) -> None:
    current, _ = run(rollout(*steps), actions)

    assert Rollout.model_validate_json(current.model_dump_json()) == current
