import contextlib
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_client.codes import RetryClass
from netra_client.errors import CommandRejected, ProtocolViolation
from netra_client.wire import (
    EventParams,
    decode_as,
    decode_frame,
    decode_subscribed,
    encode_request,
)


def test_a_request_carries_uuids_as_text() -> None:
    thread_id = uuid4()
    text = encode_request(7, "thread.subscribe", {"threadId": thread_id})
    assert msgspec.json.decode(text) == {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "thread.subscribe",
        "params": {"threadId": str(thread_id)},
    }


def test_an_error_becomes_an_exception_with_code_retry_and_wait() -> None:
    frame = decode_frame(
        '{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"slow down",'
        '"data":{"code":"rate_limited","retry":"backoff","retryAfterMs":1500}}}'
    )
    assert frame.error is not None
    error = frame.error.to_exception()
    assert (error.number, error.code, error.retry) == (-32006, "rate_limited", RetryClass.BACKOFF)
    assert error.retry_after == 1.5


def test_an_unknown_retry_class_is_never() -> None:
    frame = decode_frame(
        '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":{"retry":"soon"}}}'
    )
    assert frame.error is not None
    assert frame.error.to_exception().retry is RetryClass.NEVER


@given(st.text() | st.binary())
# integrity: allow must-assert: any other exception is the failure
def test_any_frame_is_read_or_refused_with_one_exception(data: str | bytes) -> None:
    with contextlib.suppress(ProtocolViolation):
        decode_frame(data)


def test_another_json_rpc_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match=r"1\.0"):
        decode_frame('{"jsonrpc":"1.0","id":1}')


def test_unknown_members_of_a_newer_server_are_ignored() -> None:
    raw = msgspec.Raw(
        b'{"threadId":"%s","epoch":"e","offset":1,"runId":"%s","event":{"type":"X"},"new":1}'
        % (str(uuid4()).encode(), str(uuid4()).encode())
    )
    assert decode_as(raw, EventParams).event == {"type": "X"}


def test_a_refused_item_of_initialize_names_its_thread() -> None:
    thread_id = uuid4()
    raw = msgspec.json.encode(
        {
            "threadId": thread_id,
            "error": {
                "code": -32002,
                "message": "gone",
                "data": {"code": "thread_not_found", "retry": "never"},
            },
        }
    )
    found, answer = decode_subscribed(msgspec.Raw(raw))
    assert found == thread_id
    assert isinstance(answer, CommandRejected)
    assert answer.code == "thread_not_found"


def test_a_result_of_another_shape_is_a_violation() -> None:
    with pytest.raises(ProtocolViolation):
        decode_subscribed(msgspec.Raw(b'{"epoch":1}'))
