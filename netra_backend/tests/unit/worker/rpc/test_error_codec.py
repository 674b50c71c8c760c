"""Errors cross the channel and stay what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.runs.errors import MessageTooLarge, RunBusy
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.websocket_core.errors import MessageTooLarge as SocketMessageTooLarge
from netra_backend.app.websocket_core.errors import ThreadNotFound as SocketThreadNotFound
from netra_backend.app.worker.rpc.error_codec import error_of, failure_of
from netra_backend.app.worker.rpc.messages import Failure, decode, encode
from netra_shared.errors import ConfigurationError, InternalError, NetraError, Unavailable


def sent(error: NetraError) -> NetraError:
    message = decode(encode(failure_of(7, error)))
    assert isinstance(message, Failure)
    assert message.id == 7
    return error_of(message)


@given(
    kind=st.sampled_from(
        # The middle four have two codes between them.
        [RunBusy, MessageTooLarge, SocketMessageTooLarge, ThreadNotFound, SocketThreadNotFound,
         Unavailable]
    ),
    detail=st.text(min_size=1),
    retry_after=st.none() | st.floats(0, 1e6),
    fields=st.dictionaries(
        st.sampled_from(["runId", "errorId", "limit"]),
        st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53),
    ),
)  # fmt: skip
def test_class_words_and_facts_are_the_same(
    kind: type[NetraError], detail: str, retry_after: float | None, fields: dict[str, object]
) -> None:
    error = kind(detail, retry_after=retry_after, **fields)  # type: ignore[arg-type]
    received = sent(error)
    assert type(received) is kind
    assert (received.detail, str(received)) == (detail, detail)
    assert received.retry_after == retry_after
    assert received.fields == fields


@pytest.mark.parametrize(
    ("kind", "codes", "wanted"),
    [
        ("elsewhere.RunBusy", ("run_busy", "conflict", "error"), RunBusy),
        ("elsewhere.New", ("unheard_of", "unavailable", "error"), Unavailable),
        ("elsewhere.New", ("unheard_of", "error"), InternalError),
    ],
)
def test_an_unknown_class_comes_out_as_the_next_one_that_is_known(
    kind: str, codes: tuple[str, ...], wanted: type[NetraError]
) -> None:
    failure = Failure(1, kind, codes, "so it is", None, {})
    assert type(error_of(failure)) is wanted


def test_a_refused_configuration_is_a_defect_to_whoever_asked() -> None:
    assert type(sent(ConfigurationError(["wrong"]))) is InternalError
