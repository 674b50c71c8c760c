"""The arithmetic of admission, driven by a crowd that obeys its hints."""

import heapq
from contextlib import AsyncExitStack
from random import Random

import pytest
import websockets
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets import Origin, Subprotocol

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
        answer = admission.ask(number, now, random.random())
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
    jitters = [0.5] * 100 + [0.0, 0.999]
    hints = [admission.ask(key, 0.0, jitter) for key, jitter in enumerate(jitters)]
    assert isinstance(hints[0], Admitted)
    deferred = [hint.retry_after for hint in hints if isinstance(hint, Deferred)]
    assert max(deferred) < 2.2
    assert deferred[-2:] == [1.0, 1.999]


def test_a_storm_of_a_thousand_needs_few_tries_and_ten_seconds() -> None:
    limits = SocketLimits()
    admission = Admission(
        limits.admission_per_second,
        limits.admission_burst,
        limits.admission_wait_seconds,
        limits.admission_hint_seconds,
    )
    random = Random(3)  # noqa: S311  a test that can be repeated
    tries = 0
    queue = [(random.uniform(0, 0.2), number) for number in range(1000)]
    heapq.heapify(queue)
    admitted: list[float] = []
    while queue:
        now, number = heapq.heappop(queue)
        tries += 1
        answer = admission.ask(number, now, random.random())
        if isinstance(answer, Admitted):
            admitted.append(now + answer.wait)
        else:
            heapq.heappush(queue, (now + answer.retry_after + 0.02, number))
    assert max(admitted) < 10
    assert tries <= 1300


def test_a_deferred_slot_is_reserved_while_others_arrive() -> None:
    admission = Admission(10, 1, max_wait=0.0, max_hint=30)
    assert isinstance(admission.ask("first", 0.0, 0.5), Admitted)
    deferred = admission.ask("obedient", 0.0, 0.5)
    assert isinstance(deferred, Deferred)
    at = deferred.retry_after
    for number in range(50):  # all of them arrive before the obedient client returns
        assert isinstance(admission.ask(number, at - 0.001, 0.5), Deferred)
    assert admission.ask("obedient", at, 0.5) == Admitted(0.0)


def test_asking_early_earns_no_better_slot_than_obeying() -> None:
    admission = Admission(10, 1, max_wait=0.0, max_hint=30, max_reserved=1)
    admission.ask("first", 0.0, 0.5)
    slots = [admission.ask(name, 0.0, 0.5) for name in ("impatient", "obedient")]
    assert [slot.retry_after for slot in slots if isinstance(slot, Deferred)] == [0.1, 0.2]
    for at in range(9):
        again = admission.ask("impatient", at / 100, 0.5)
        assert isinstance(again, Deferred)
        assert again.retry_after + at / 100 > 0.0999
    assert admission.ask("impatient", 0.1, 0.5) == Admitted(0.0)
    assert admission.ask("obedient", 0.2, 0.5) == Admitted(0.0)


def test_an_unused_reservation_expires() -> None:
    admission = Admission(10, 1, max_wait=0.0, max_hint=30)
    admission.ask("first", 0.0, 0.5)
    admission.ask("gone", 0.0, 0.5)
    assert admission.ask("gone", 60.0, 0.5) == Admitted(0.0)  # by a new slot
    assert not admission._reserved.get("gone")


async def test_forged_handshakes_take_no_slot(valkey_url: str) -> None:
    limits = SocketLimits(admission_per_second=0.05, admission_burst=1, admission_wait_seconds=0)
    async with running(valkey_url, limits) as instance:
        _, token = instance.user()
        for _ in range(20):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(
                    instance.url,
                    subprotocols=[Subprotocol("jwt-auth"), Subprotocol(f"jwt.{token[:-6]}AAAAAA")],
                ).__aenter__()
            assert refused.value.response.status_code == 401
        async with ready(instance.url, token):  # the only slot is still free
            pass


async def test_one_address_cannot_take_all_connections(valkey_url: str) -> None:
    limits = SocketLimits(max_connections=20, address_share_factor=2.0)
    async with running(valkey_url, limits) as instance, AsyncExitStack() as stack:
        for _ in range(14):  # twice the 7 that are free with the next one
            await stack.enter_async_context(ready(instance.url, instance.user()[1]))
        with pytest.raises(websockets.InvalidStatus) as refused:
            await stack.enter_async_context(ready(instance.url, instance.user()[1]))
        assert refused.value.response.status_code == 429
        # A client at another address of the loopback network finds room.
        await stack.enter_async_context(
            websockets.connect(
                instance.url,
                subprotocols=[Subprotocol("jwt-auth"), Subprotocol(f"jwt.{instance.user()[1]}")],
                local_addr=("127.0.0.2", 0),
            )
        )


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
