from hypothesis import given
from hypothesis import strategies as st

from test_framework.faults.conditions import Conditions


def test_without_a_fault_nothing_changes() -> None:
    healthy = Conditions()
    assert healthy.lateness() == 0
    assert healthy.corrupted(b"as it was", 7) == b"as it was"


@given(every=st.integers(1, 50), chunks=st.lists(st.binary(max_size=40), max_size=10))
def test_exactly_every_nth_byte_of_the_stream_is_inverted(every: int, chunks: list[bytes]) -> None:
    conditions = Conditions(corrupt_every=every)
    position, arrived = 0, b""
    for chunk in chunks:
        arrived += conditions.corrupted(chunk, position)
        position += len(chunk)
    sent = b"".join(chunks)
    changed = [place for place in range(len(sent)) if sent[place] != arrived[place]]
    assert changed == list(range(every - 1, len(sent), every))
    assert all(sent[place] ^ arrived[place] == 0xFF for place in changed)


@given(st.floats(0, 10), st.floats(0, 10))
def test_jitter_is_added_to_latency(latency: float, jitter: float) -> None:
    lateness = Conditions(latency_seconds=latency, jitter_seconds=jitter).lateness()
    assert latency <= lateness <= latency + jitter
