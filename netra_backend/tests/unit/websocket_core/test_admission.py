"""The arithmetic of admission, driven by a crowd that obeys its hints."""

import heapq
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from websockets import Origin

from netra_backend.app.websocket_core.admission import Admission, Admitted, Deferred
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.tests.unit.websocket_core.harness.instance import ORIGIN, running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected, ready


def admit_all(
    admission: Admission, arrivals: list[float], random: Random
) -> tuple[list[float], int]:
    """Return when each client was admitted, and the most refusals that one of them saw."""
    queue = [(at, number, 0) for number, at in enumerate(arrivals)]
    heapq.heapify(queue)
    admitted: list[float] = []
    most_refusals = 0
    while queue:
        now, number, refusals = heapq.heappop(queue)
        answer = admission.ask(now, random.random())
        if isinstance(answer, Admitted):
            admitted.append(now + answer.wait)
            most_refusals = max(most_refusals, refusals)
        else:
            heapq.heappush(queue, (now + answer.retry_after, number, refusals + 1))
    return sorted(admitted), most_refusals


@settings(max_examples=60, deadline=None)
@given(
    crowd=st.integers(1, 400),
    rate=st.floats(5, 200),
    burst=st.integers(1, 50),
    spread=st.floats(0, 5),
    seed=st.integers(0, 10_000),
)
def test_no_second_sees_more_than_rate_and_burst(
    crowd: int, rate: float, burst: int, spread: float, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  a test that can be repeated
    admission = Admission(rate, burst, max_wait=0.5, max_hint=30)
    arrivals = [random.uniform(0, spread) for _ in range(crowd)]
    admitted, _ = admit_all(admission, arrivals, random)
    assert len(admitted) == crowd
    for index, at in enumerate(admitted):
        within = sum(1 for other in admitted[index:] if other < at + 1)
        assert within <= rate + burst + 1


def test_a_crowd_that_obeys_is_admitted_at_the_rate_and_soon() -> None:
    random = Random(7)  # noqa: S311  a test that can be repeated
    admission = Admission(100, 100, max_wait=0.5, max_hint=30)
    admitted, refusals = admit_all(admission, [random.uniform(0, 0.1) for _ in range(2000)], random)
    # 19 s is the least at 100 a second after a burst of 100; jitter and queueing cost the rest.
    assert 18.5 < admitted[-1] < 24
    assert refusals <= 3


def test_a_hint_is_bounded_and_spread() -> None:
    admission = Admission(10, 1, max_wait=0.0, max_hint=2.0)
    hints = [admission.ask(0.0, jitter) for jitter in [0.5] * 100 + [0.0, 0.999]]
    assert isinstance(hints[0], Admitted)
    deferred = [hint.retry_after for hint in hints if isinstance(hint, Deferred)]
    assert max(deferred) < 2.2
    assert deferred[-2:] == [1.0, 1.999]


async def test_a_browser_reads_its_slot_in_the_close(valkey_url: str) -> None:
    # A slot every 20 s: none comes free because the machine pauses for seconds.
    limits = SocketLimits(admission_per_second=0.05, admission_burst=1, admission_wait_seconds=0)
    async with running(valkey_url, limits) as instance:
        _, token = instance.user()
        async with (
            ready(instance.url, token),
            connected(instance.url, token, origin=Origin(ORIGIN)) as refused,
        ):
            code, reason = await refused.closed()
    assert code == 4503
    name, _, hint = reason.partition(" retryAfterMs=")
    assert name == "admission_deferred"
    assert 0 < int(hint) <= 22_000
