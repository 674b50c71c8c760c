from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.releases.epoch import Epoch, Mode, decode, departures, encode, must_leave

TIMES = st.floats(0, 2e9)
RELEASES = st.sampled_from(["", "r1", "r2"])


@given(RELEASES, TIMES, st.sampled_from(Mode), st.floats(0.1, 1000))
def test_the_stored_form_is_lossless(release: str, at: float, mode: Mode, pace: float) -> None:
    epoch = Epoch(release, at, mode, pace)

    assert decode(encode(epoch)) == epoch


@given(RELEASES, RELEASES, TIMES, TIMES)
def test_only_sockets_of_another_release_opened_before_the_epoch_leave(
    wanted: str, own: str, at: float, opened_at: float
) -> None:
    leaves = must_leave(Epoch(wanted, at), release=own, opened_at=opened_at)

    assert leaves is (own != wanted and opened_at < at)


def test_no_one_leaves_twice_in_one_deploy() -> None:
    epoch = Epoch("r2", at=100.0)

    assert must_leave(epoch, release="r1", opened_at=99.0)
    assert not must_leave(epoch, release="r1", opened_at=101.0)


@given(st.integers(0, 500), st.floats(0.5, 1000))
def test_departures_keep_the_pace(count: int, per_second: float) -> None:
    delays = list(departures(count, per_second))

    assert len(delays) == count
    assert all(
        later - earlier == pytest.approx(1 / per_second) for earlier, later in pairwise(delays)
    )
    assert not delays or delays[-1] <= count / per_second
