"""Pauses grow up to their bound and start again after a good life."""

from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.worker.backoff import Backoff
from netra_backend.app.worker.exit_status import describe_exit

FIRST, LONGEST, SETTLED = 0.1, 10.0, 60.0


@given(lives=st.lists(st.floats(0, 200), min_size=1, max_size=40))
def test_pauses_are_bounded_double_and_start_again(lives: list[float]) -> None:
    backoff = Backoff(FIRST, LONGEST, SETTLED)
    former: float | None = None
    for lived in lives:
        pause = backoff.after(lived)
        if former is None or lived >= SETTLED:
            assert pause == FIRST
        else:
            assert pause == min(former * 2, LONGEST)
        former = pause


def test_exits_have_a_description() -> None:
    assert describe_exit(3) == "ended with status 3"
    assert describe_exit(-9) == "was ended by SIGKILL"
    assert describe_exit(-9, label=True) == "SIGKILL"
    assert describe_exit(3, label=True) == "exit"
    assert describe_exit(-200) == "was ended by signal 200"
