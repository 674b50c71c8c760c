from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.passwords.fair_queue import FairQueue


def drained(queue: FairQueue[str]) -> list[str]:
    found = []
    while (item := queue.pop()) is not None:
        found.append(item)
    return found


def filled(limit: int, *items: tuple[str, str, bool]) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue(limit)
    for item, client, familiar in items:
        queue.push(item, client, familiar=familiar)
    return queue


def test_clients_take_turns() -> None:
    queue = filled(
        9, ("a1", "a", False), ("a2", "a", False), ("a3", "a", False), ("b1", "b", False)
    )
    assert drained(queue) == ["a1", "b1", "a2", "a3"]


def test_familiar_clients_are_first() -> None:
    queue = filled(9, ("a1", "a", False), ("h1", "h", True), ("a2", "a", False))
    assert drained(queue) == ["h1", "a1", "a2"]


def test_a_full_queue_refuses_the_client_that_has_the_most() -> None:
    queue = filled(3, ("a1", "a", False), ("a2", "a", False), ("a3", "a", False))
    assert queue.push("a4", "a", familiar=False) == "a4"
    assert queue.push("b1", "b", familiar=False) == "a3"
    assert queue.push("b2", "b", familiar=False) == "b2"
    assert drained(queue) == ["a1", "b1", "a2"]


def test_a_familiar_client_displaces_any_other() -> None:
    queue = filled(1, ("a1", "a", False))
    assert queue.push("h1", "h", familiar=True) == "a1"
    assert queue.push("h2", "h", familiar=True) == "h2"
    assert queue.push("a2", "a", familiar=False) == "a2"


def test_an_item_can_be_discarded_once() -> None:
    queue = filled(9, ("a1", "a", False), ("h1", "h", True))
    assert queue.discard("a1")
    assert not queue.discard("a1")
    assert queue.discard("h1")
    assert queue.pop() is None


@given(
    st.integers(0, 8),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=60),
)
def test_no_item_is_lost_and_the_bound_holds(limit: int, pushes: list[tuple[str, bool]]) -> None:
    queue: FairQueue[str] = FairQueue(limit)
    refused = set()
    for number, (client, familiar) in enumerate(pushes):
        displaced = queue.push(str(number), client, familiar=familiar)
        if displaced is not None:
            refused.add(displaced)
        assert len(queue) <= limit
    served = drained(queue)
    assert len(served) == min(limit, len(pushes))
    assert refused | set(served) == {str(number) for number in range(len(pushes))}


@given(st.integers(1, 8), st.integers(1, 100))
def test_a_newcomer_is_admitted_while_one_client_floods(limit: int, flood: int) -> None:
    queue: FairQueue[str] = FairQueue(limit)
    for number in range(flood):
        queue.push(f"a{number}", "a", familiar=False)
    admitted = queue.push("b", "b", familiar=False) != "b"
    assert admitted == (limit > 1 or flood < 1)
    if admitted:
        assert drained(queue).index("b") <= 1
