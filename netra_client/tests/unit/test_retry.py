import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_client.codes import RetryClass
from netra_client.errors import ConnectionLost, HandshakeRefused, NetraClientError, SocketClosed
from netra_client.retry import GiveUp, ReconnectPolicy, TryAgain, backoff_delay, next_step

POLICY = ReconnectPolicy()


def step(
    error: NetraClientError, *, failures: int = 1, jitter: float = 0.5, refreshed: bool = False
) -> TryAgain | GiveUp:
    return next_step(
        error, failures=failures, jitter=jitter, already_refreshed=refreshed, policy=POLICY
    )


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_wait_is_drawn_below_a_growing_and_bounded_ceiling(
    failures: int, jitter: float
) -> None:
    delay = backoff_delay(failures, jitter, first=0.5, cap=30)
    assert 0 <= delay <= min(30, 0.5 * 2 ** min(failures - 1, 10))


@given(st.floats(0, 100), st.floats(0, 1, exclude_max=True), st.integers(1, 50))
def test_a_hint_of_the_server_is_a_floor(hint: float, jitter: float, failures: int) -> None:
    error = SocketClosed(4503, "", retry_after=hint)
    decision = step(error, failures=failures, jitter=jitter)
    assert isinstance(decision, TryAgain)
    assert decision.delay >= hint


@pytest.mark.parametrize("code", [1000, 1009, 4400, 4403, 4410])
def test_a_close_of_class_never_ends_it(code: int) -> None:
    assert isinstance(step(SocketClosed(code, "")), GiveUp)


@pytest.mark.parametrize("code", [1001, 1006, 1012, 4412, 4413, 4414])
def test_a_close_of_class_now_is_prompt_once_and_then_backs_off(code: int) -> None:
    assert step(SocketClosed(code, ""), jitter=0.99) == TryAgain(0.99 * POLICY.prompt)
    assert step(SocketClosed(code, ""), failures=6, jitter=0.99) == TryAgain(0.99 * 0.5 * 32)


@pytest.mark.parametrize("code", [1011, 1013, 4408, 4429, 4500, 4503, 4999])
def test_a_close_of_class_backoff_waits(code: int) -> None:
    assert step(SocketClosed(code, "")) == TryAgain(0.5 * POLICY.first)


@pytest.mark.parametrize("code", [4401, 4419])
def test_a_token_is_refreshed_once_for_one_refusal(code: int) -> None:
    assert step(SocketClosed(code, "")) == TryAgain(0.0, refresh=True)
    assert isinstance(step(SocketClosed(code, ""), refreshed=True), GiveUp)


def test_an_unknown_standard_close_code_means_not_welcome() -> None:
    assert isinstance(step(SocketClosed(1008, "policy")), GiveUp)


def test_a_lost_network_is_tried_again() -> None:
    assert step(ConnectionLost("reset"), failures=3) == TryAgain(0.5 * 2.0)


def test_a_refused_handshake_follows_its_problem_document() -> None:
    error = HandshakeRefused(429, "full", code="x", retry=RetryClass.BACKOFF, retry_after=7)
    assert step(error) == TryAgain(7 + 0.25)


@pytest.mark.parametrize("field", ["prompt", "first", "cap", "stable", "give_up"])
def test_a_policy_without_waits_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        ReconnectPolicy(**{field: 0})


def test_a_browsers_refusal_carries_its_hint_in_the_close_reason() -> None:
    refused = SocketClosed(4503, "admission_deferred retryAfterMs=1834")
    assert (refused.retry, refused.retry_after) == (RetryClass.BACKOFF, 1.834)
    # A slot must not be missed by waits that grow.
    assert step(refused, failures=9) == TryAgain(1.834 + 0.5 * POLICY.first)
