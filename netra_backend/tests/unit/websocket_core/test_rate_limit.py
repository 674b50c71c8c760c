from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.websocket_core.rate_limit import TokenBucket


@given(
    st.floats(0.5, 100),
    st.integers(1, 50),
    st.lists(st.floats(0, 0.5), min_size=1, max_size=300),
)
def test_never_more_than_burst_and_rate_allow(rate: float, burst: int, pauses: list[float]) -> None:
    bucket = TokenBucket(rate, burst)
    now = start = 100.0
    taken = 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now) == 0
        assert taken <= burst + rate * (now - start) + 1e-6


@given(st.floats(0.5, 100), st.integers(1, 50))
def test_waiting_for_the_hint_is_enough(rate: float, burst: int) -> None:
    bucket = TokenBucket(rate, burst)
    now = 100.0
    while (wait := bucket.take(now)) == 0:
        pass
    assert bucket.take(now + wait + 1e-6) == 0
