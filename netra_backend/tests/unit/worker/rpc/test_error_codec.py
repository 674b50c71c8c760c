"""Errors keep their code, status, retry class and detail across the process boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.worker.rpc.error_codec import error_of, failure_of
from netra_backend.app.worker.rpc.messages import Failure, decode, encode
from netra_shared.errors import (
    ConfigurationError,
    InternalError,
    InvalidRequest,
    MessageTooLarge,
    NetraError,
    RunBusy,
    Unavailable,
)


def sent(error: NetraError) -> NetraError:
    message = decode(encode(failure_of(7, error)))
    assert isinstance(message, Failure)
    assert message.id == 7
    return error_of(message)


@given(
    kind=st.sampled_from([RunBusy, MessageTooLarge, ThreadNotFound, Unavailable]),
    detail=st.text(min_size=1),
    retry_after=st.none() | st.floats(0, 1e6),
    fields=st.dictionaries(
        st.sampled_from(["runId", "errorId", "limit"]),
        st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53),
    ),
)
def test_a_known_code_gets_its_class(
    kind: type[NetraError], detail: str, retry_after: float | None, fields: dict[str, object]
) -> None:
    error = kind(detail, retry_after=retry_after, **fields)  # type: ignore[arg-type]
    received = sent(error)
    assert type(received) is kind
    assert (received.detail, str(received)) == (detail, detail)
    assert received.retry_after == retry_after
    assert received.fields == fields


@pytest.mark.parametrize(
    ("status", "branch"),
    [(503, Unavailable), (400, InvalidRequest), (418, InvalidRequest), (599, InternalError)],
)
def test_an_unknown_code_gets_the_class_of_its_status(
    status: int, branch: type[NetraError]
) -> None:
    failure = Failure(1, "defined_elsewhere", status, "backoff", "so it is", 2.0, {})
    error = error_of(failure)
    assert isinstance(error, branch)
    assert (error.code, error.status, error.retry) == ("defined_elsewhere", status, "backoff")
    assert (error.detail, error.retry_after) == ("so it is", 2.0)
    assert NetraError.class_of("defined_elsewhere") is None
    assert (branch.code, branch.status) != (error.code, 418)


def test_a_configuration_error_crosses_without_its_constructor() -> None:
    error = sent(ConfigurationError(["wrong"]))
    assert error.code == "configuration_error"
    assert "wrong" in error.detail
