"""The resume rule against a model of a server that loses, repeats, cuts, trims and restarts."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netra_client.resume import (
    MAX_REPAIRS_WITHOUT_PROGRESS,
    Cursor,
    Position,
    Subscribed,
    Verdict,
)


@dataclass
class Model:
    """A server's stream and the reader's view of it: (epoch, offset) pairs and resets."""

    cursor: Cursor = field(default_factory=Cursor)
    epoch: int = 1
    length: int = 0
    trimmed: int = 0
    next_offset: int | None = None
    seen: list[tuple[str, int]] = field(default_factory=list)
    resets: list[int] = field(default_factory=list)

    def connect(self) -> None:
        asked = self.cursor.request
        start, recovered, reason = self.length, False, "no_position"
        if asked is not None:
            reason = "epoch_changed" if asked.epoch != f"e{self.epoch}" else "trimmed"
            if reason == "trimmed" and self.trimmed <= asked.offset <= self.length:
                start, recovered, reason = asked.offset, True, ""
        answer = Subscribed(Position(f"e{self.epoch}", start), recovered, reason or None)
        if self.cursor.subscribed(answer) is not None:
            self.resets.append(len(self.seen))
        self.next_offset = start + 1

    def arrive(self, offset: int) -> None:
        verdict = self.cursor.offer(f"e{self.epoch}", offset)
        if verdict is Verdict.DELIVER:
            self.seen.append((f"e{self.epoch}", offset))
            self.cursor.delivered(f"e{self.epoch}", offset)
        elif verdict is Verdict.GAP:
            self.connect()

    def send_next(self) -> None:
        if self.next_offset is not None and self.next_offset <= self.length:
            offset, self.next_offset = self.next_offset, self.next_offset + 1
            self.arrive(offset)

    def lose_next(self) -> None:
        if self.next_offset is not None and self.next_offset <= self.length:
            self.next_offset += 1

    def repeat_last(self) -> None:
        if self.next_offset is not None and self.next_offset > 1:
            self.arrive(self.next_offset - 1)

    def append(self) -> None:
        self.length += 1

    def cut(self) -> None:
        self.cursor.detach()
        self.connect()

    def trim(self) -> None:
        self.trimmed = self.length

    def restart(self) -> None:
        self.epoch, self.length, self.trimmed = self.epoch + 1, 0, 0
        self.cut()


steps = st.lists(
    st.sampled_from(
        ["append", "send_next", "send_next", "lose_next", "repeat_last", "cut", "trim", "restart"]
    ),
    max_size=80,
)


@settings(max_examples=1000)  # 1 s; the 100 of the default missed a loss followed by a trim
@given(steps)
@example(["append", "lose_next", "trim"])
def test_between_two_resets_nothing_is_missing_and_nothing_is_twice(names: list[str]) -> None:
    model = Model()
    model.connect()
    for name in names:
        getattr(model, name)()
    model.append()
    for _ in range(2 * model.length + 2):  # every repair makes progress, so this is enough
        model.send_next()
    pieces = [0, *model.resets, len(model.seen)]
    for start, end in pairwise(pieces):
        piece = model.seen[start:end]
        assert len({epoch for epoch, _ in piece}) <= 1
        offsets = [offset for _, offset in piece]
        assert offsets == list(range(offsets[0], offsets[0] + len(offsets))) if offsets else True
    # The reader is at the end: by having had the last event, or by a reset that starts
    # after it, whose reload of the history has it.
    assert model.cursor.position == Position(f"e{model.epoch}", model.length)
    ended_by_reset = bool(model.resets) and model.resets[-1] == len(model.seen)
    assert ended_by_reset or model.seen[-1] == (f"e{model.epoch}", model.length)


def test_events_of_a_subscription_that_ended_are_not_delivered() -> None:
    cursor = Cursor(Position("e1", 4))
    assert cursor.offer("e1", 5) is Verdict.UNEXPECTED


def test_a_server_that_claims_to_recover_but_skips_is_not_believed() -> None:
    cursor = Cursor(Position("e1", 4))
    assert cursor.subscribed(Subscribed(Position("e1", 6), recovered=True)) == "gap"


def test_a_gap_that_is_never_filled_ends_in_a_fresh_start() -> None:
    cursor = Cursor(Position("e1", 4))
    for _ in range(MAX_REPAIRS_WITHOUT_PROGRESS + 1):
        assert cursor.request == Position("e1", 4)
        cursor.subscribed(Subscribed(Position("e1", 4), recovered=True))
        assert cursor.offer("e1", 9) is Verdict.GAP
    assert cursor.request is None


def test_the_first_answer_is_no_reset() -> None:
    cursor = Cursor()
    assert cursor.subscribed(Subscribed(Position("e7", 3), recovered=False)) is None
    assert cursor.offer("e7", 4) is Verdict.DELIVER


def test_a_new_epoch_that_continues_is_the_same_history() -> None:
    cursor = Cursor(Position("e1", 4))
    cursor.subscribed(Subscribed(Position("e1", 4), recovered=True))
    assert cursor.offer("local-1", 5) is Verdict.DELIVER
    cursor.delivered("local-1", 5)
    assert cursor.position == Position("local-1", 5)
    assert cursor.offer("e2", 5) is Verdict.GAP
    assert cursor.subscribed(Subscribed(Position("e2", 5), recovered=True)) is None
    assert cursor.position == Position("e2", 5)


def test_a_recovery_in_another_epoch_must_be_at_the_same_place() -> None:
    cursor = Cursor(Position("e1", 4))
    answer = Subscribed(Position("e2", 3), recovered=True)
    assert cursor.subscribed(answer) == "epoch_changed"


def subscribed_at(offset: int) -> Cursor:
    cursor = Cursor(Position("e1", offset))
    cursor.subscribed(Subscribed(Position("e1", offset), recovered=True))
    return cursor


def gaps_until_a_fresh_start(cursor: Cursor) -> int:
    gaps = 0
    while cursor.request is not None:
        assert cursor.position is not None
        cursor.subscribed(Subscribed(cursor.position, recovered=True))
        assert cursor.offer(cursor.position.epoch, cursor.position.offset + 2) is Verdict.GAP
        gaps += 1
    return gaps


def test_after_a_gap_and_after_a_cut_nothing_is_delivered() -> None:
    cursor = subscribed_at(4)
    states = [cursor.live]
    assert cursor.offer("e1", 6) is Verdict.GAP
    states.append(cursor.live)
    assert cursor.offer("e1", 5) is Verdict.UNEXPECTED
    cursor = subscribed_at(4)
    cursor.detach()
    states.append(cursor.live)
    assert cursor.offer("e1", 5) is Verdict.UNEXPECTED
    assert states == [True, False, False]


def test_what_was_handed_on_is_a_duplicate_up_to_the_very_last() -> None:
    cursor = subscribed_at(4)
    assert [cursor.offer("e1", offset) for offset in (1, 3, 4)] == [Verdict.DUPLICATE] * 3
    assert cursor.offer("e1", 5) is Verdict.DELIVER


def test_a_delivery_and_a_reset_are_progress() -> None:
    expected = MAX_REPAIRS_WITHOUT_PROGRESS + 1
    assert gaps_until_a_fresh_start(subscribed_at(4)) == expected
    delivered = subscribed_at(4)
    assert delivered.offer("e1", 6) is Verdict.GAP
    delivered.delivered("e1", 5)
    assert gaps_until_a_fresh_start(delivered) == expected
    reset = subscribed_at(4)
    assert reset.offer("e1", 6) is Verdict.GAP
    reset.subscribed(Subscribed(Position("e2", 9), recovered=False))
    assert gaps_until_a_fresh_start(reset) == expected


def test_a_reset_starts_where_the_server_says_for_the_reason_that_it_gives() -> None:
    cursor = subscribed_at(4)
    answer = Subscribed(Position("e2", 9), recovered=False, reason="trimmed")
    assert cursor.subscribed(answer) == "trimmed"
    assert cursor.position == Position("e2", 9)
    silent = Subscribed(Position("e3", 2), recovered=False)
    assert cursor.subscribed(silent) == "epoch_changed"
    assert cursor.position == Position("e3", 2)
    skipping = Subscribed(Position("e3", 4), recovered=True)
    assert cursor.subscribed(skipping) == "gap"
    assert cursor.position == Position("e3", 4)
    overtaken = Subscribed(Position("e3", 1), recovered=False, reason="trimmed")
    assert cursor.subscribed(overtaken) == "trimmed"
