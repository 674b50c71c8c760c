"""The resume rule against a model that simply remembers everything that ever happened."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.streams.resume import (
    NotRecovered,
    ResumePlan,
    StreamPosition,
    StreamState,
    plan_resume,
)


@dataclass
class History:
    """Every event of every epoch, as the identity of what was there, and what is kept of it."""

    epochs: dict[str, list[str]] = field(default_factory=lambda: {"e0": []})
    epoch: str = "e0"
    first: int = 1
    forks: dict[str, int] = field(default_factory=dict)
    published: int = 0

    @property
    def events(self) -> list[str]:
        return self.epochs[self.epoch]

    def publish(self) -> None:
        self.published += 1
        self.events.append(f"event-{self.published}")

    def trim(self, kept: int) -> None:
        self.first = max(self.first, len(self.events) - kept + 1)

    def lose(self, count: int) -> None:
        """Start a new epoch that has all but the last ``count`` events."""
        survivors = self.events[: max(0, len(self.events) - count)]
        forks = {old: min(last, len(survivors)) for old, last in self.forks.items()}
        self.forks = forks | {self.epoch: len(survivors)}
        self.epoch = f"e{len(self.epochs)}"
        self.epochs[self.epoch] = list(survivors)
        self.first = min(self.first, len(survivors) + 1)

    def state(self) -> StreamState:
        return StreamState(self.epoch, len(self.events), self.first, self.forks)


steps = st.lists(
    st.one_of(
        st.just(("publish", 0)),
        st.tuples(st.just("trim"), st.integers(0, 6)),
        st.tuples(st.just("lose"), st.integers(0, 4)),
    ),
    max_size=30,
)


def happened(script: list[tuple[str, int]]) -> History:
    history = History()
    for action, amount in script:
        if action == "publish":
            history.publish()
        else:
            getattr(history, action)(amount)
    return history


@given(steps, st.integers(0, 12), st.integers(0, 6))
def test_a_client_is_recovered_exactly_when_nothing_is_missing_and_nothing_differs(
    script: list[tuple[str, int]], offset: int, epoch_number: int
) -> None:
    history = happened(script)
    epoch = f"e{epoch_number % len(history.epochs)}"
    seen = history.epochs[epoch][:offset]
    position = StreamPosition(epoch, len(seen))
    plan = plan_resume(position, history.state())
    same_past = history.events[: len(seen)] == seen
    nothing_trimmed = len(seen) + 1 >= history.first
    assert plan.recovered == (same_past and nothing_trimmed)
    if plan.recovered:
        assert plan.start == StreamPosition(history.epoch, len(seen))
    elif not same_past:
        assert plan.reason is NotRecovered.EPOCH_CHANGED
    else:
        assert plan.reason is NotRecovered.TRIMMED


STATE = StreamState("now", head=10, first=4, forks={"old": 6})


@pytest.mark.parametrize(
    ("position", "reason"),
    [
        (None, NotRecovered.NO_POSITION),
        (StreamPosition("now", 10), None),
        (StreamPosition("now", 3), None),
        (StreamPosition("now", 2), NotRecovered.TRIMMED),
        (StreamPosition("now", 11), NotRecovered.EPOCH_CHANGED),
        (StreamPosition("old", 6), None),
        (StreamPosition("old", 7), NotRecovered.EPOCH_CHANGED),
        (StreamPosition("old", 2), NotRecovered.TRIMMED),
        (StreamPosition("never", 5), NotRecovered.EPOCH_CHANGED),
    ],
)
def test_each_reason(position: StreamPosition | None, reason: NotRecovered | None) -> None:
    plan = plan_resume(position, STATE)
    assert plan.reason is reason
    assert plan.recovered is (reason is None)
    expected = position.offset if position is not None and reason is None else 10
    assert plan.start == StreamPosition("now", expected)


def test_the_caller_names_the_reason_for_an_unrelated_history() -> None:
    lost = NotRecovered.STORE_LOST
    assert plan_resume(StreamPosition("never", 0), STATE, unrelated=lost).reason is lost
    assert plan_resume(StreamPosition("old", 7), STATE, unrelated=lost).reason is lost
    assert plan_resume(StreamPosition("now", 2), STATE, unrelated=lost).reason is (
        NotRecovered.TRIMMED
    )
    assert plan_resume(None, STATE, unrelated=lost).reason is NotRecovered.NO_POSITION


@pytest.mark.parametrize(
    ("starts_at", "start"),
    [(8, 7), (4, 3), (3, 10)],
    ids=["open run is kept", "its first event is the oldest kept", "its beginning is trimmed"],
)
def test_a_reload_gets_the_open_run_from_its_start(starts_at: int, start: int) -> None:
    state = StreamState("now", 10, 4, open_run="run", open_run_offset=starts_at)
    assert plan_resume(None, state) == ResumePlan(
        StreamPosition("now", start), NotRecovered.NO_POSITION
    )
    assert plan_resume(StreamPosition("now", 9), state).start == StreamPosition("now", 9)


def test_without_an_open_run_only_what_is_to_come_is_delivered() -> None:
    state = StreamState("now", 10, 4, open_run=None, open_run_offset=8)
    assert plan_resume(None, state).start == StreamPosition("now", 10)


def test_an_empty_stream_is_resumed_from_its_beginning() -> None:
    empty = StreamState("now", 0, 1)
    assert plan_resume(StreamPosition("now", 0), empty) == ResumePlan(
        StreamPosition("now", 0), None
    )
    assert empty.position == StreamPosition("now", 0)
    assert empty.open_run_offset == 0
    assert empty.shared_through("never") is None
