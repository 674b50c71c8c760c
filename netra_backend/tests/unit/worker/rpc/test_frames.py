"""For any pieces, what was sent comes out, once and in order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.worker.rpc.errors import FrameTooLarge
from netra_backend.app.worker.rpc.frames import FrameReader, framed

LIMIT = 64


@given(
    payloads=st.lists(st.binary(max_size=LIMIT), max_size=20),
    cuts=st.lists(st.integers(0, 400), max_size=30),
)
def test_frames_survive_any_cutting(payloads: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, payloads))
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    reader = FrameReader(LIMIT)
    found = [
        payload for left, right in pairwise(edges) for payload in reader.feed(stream[left:right])
    ]
    assert found == payloads


@given(before=st.lists(st.binary(max_size=LIMIT), max_size=5), excess=st.integers(1, 2**31))
def test_a_length_beyond_the_bound_is_refused_before_its_payload_comes(
    before: list[bytes], excess: int
) -> None:
    stream = b"".join(map(framed, before)) + (LIMIT + excess).to_bytes(4, "big")
    payloads = FrameReader(LIMIT).feed(stream)
    assert [next(payloads) for _ in before] == before
    with pytest.raises(FrameTooLarge):
        next(payloads)
