"""The inbound budget: rates and bursts of frames and bytes."""

from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.transport.inbound_budget import InboundBudget, InboundUse

BUDGET = InboundBudget(frames_per_second=10, frame_burst=20, bytes_per_second=1000, byte_burst=5000)


def test_the_burst_is_available_first_and_refills_at_the_rate() -> None:
    use = InboundUse(BUDGET)
    assert use.allowance(0.0, 10) == 20
    use.frames = 0
    assert use.allowance(1.0, 10) == 10
    assert use.allowance(60.0, 10) == 20


def test_bytes_above_the_burst_leave_no_allowance() -> None:
    use = InboundUse(BUDGET)
    assert use.allowance(0.0, 5000) > 0
    assert use.allowance(0.0, 1) == 0


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 30)), max_size=60))
def test_no_sequence_gets_more_than_burst_and_rate(reads: list[tuple[float, int]]) -> None:
    use, now, received = InboundUse(BUDGET), 0.0, 0
    for pause, wanted in reads:
        now += pause
        granted = min(wanted, int(use.allowance(now, 1)))
        use.frames -= granted
        received += granted
    assert received <= BUDGET.frame_burst + now * BUDGET.frames_per_second
