"""Frames: exact errors for what is wrong, and no input that is not answered."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.transport.frames import WireFrame, payload_of
from netra_backend.app.websocket_core import responses, rpc_errors
from netra_backend.app.websocket_core.protocol import (
    METHODS,
    MalformedFrame,
    PingParams,
    Request,
    RunStartParams,
    SubscribeParams,
    decode_request,
)
from netra_backend.app.websocket_core.rpc_errors import RpcErrorCode
from netra_shared.errors import Conflict, NetraError, NotFound, RateLimited, RetryClass

THREAD = str(uuid4())
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def frame(**members: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, **members})


def refused(text: str) -> MalformedFrame:
    with pytest.raises(MalformedFrame) as caught:
        decode_request(text)
    return caught.value


def test_requests_become_typed_commands() -> None:
    assert decode_request(frame(method="ping")) == Request(1, "ping", PingParams())
    request = decode_request(
        frame(id="a", method="thread.subscribe", params={"threadId": THREAD, "newer": True})
    )
    assert isinstance(request.params, SubscribeParams)
    assert request.id == "a"
    assert str(request.params.thread_id) == THREAD
    message = {"id": str(uuid4()), "content": "hi"}
    start = decode_request(
        frame(
            method="run.start",
            params={"threadId": THREAD, "commandId": str(uuid4()), "message": message},
        )
    )
    assert isinstance(start.params, RunStartParams)
    assert start.params.on_busy == "reject"


def content(frame: WireFrame) -> Any:
    return json.loads(payload_of(frame))


@pytest.mark.parametrize(
    ("text", "error", "request_id", "field"),
    [
        ("", rpc_errors.PARSE_ERROR, None, ""),
        ("{", rpc_errors.PARSE_ERROR, None, ""),
        ("[" * 100_000, rpc_errors.INVALID_REQUEST, None, ""),
        ("[]", rpc_errors.INVALID_REQUEST, None, ""),
        ("null", rpc_errors.INVALID_REQUEST, None, ""),
        ('{"id":7,"method":"ping"}', rpc_errors.INVALID_REQUEST, 7, "jsonrpc"),
        ('{"jsonrpc":"1.0","id":7,"method":"ping"}', rpc_errors.INVALID_REQUEST, 7, "jsonrpc"),
        ('{"jsonrpc":"2.0","method":"ping"}', rpc_errors.INVALID_REQUEST, None, "id"),
        ('{"jsonrpc":"2.0","id":1.5,"method":"ping"}', rpc_errors.INVALID_REQUEST, None, "id"),
        ('{"jsonrpc":"2.0","id":null,"method":"ping"}', rpc_errors.INVALID_REQUEST, None, "id"),
        (frame(), rpc_errors.INVALID_REQUEST, 1, "method"),
        (frame(method=3), rpc_errors.INVALID_REQUEST, 1, "method"),
        (frame(method="nope"), rpc_errors.UNKNOWN_METHOD, 1, ""),
        (frame(method="ping", params=[]), rpc_errors.INVALID_PARAMS, 1, ""),
        (frame(method="thread.subscribe"), rpc_errors.INVALID_PARAMS, 1, "threadId"),
        (
            frame(method="thread.subscribe", params={"threadId": "x"}),
            rpc_errors.INVALID_PARAMS,
            1,
            "threadId",
        ),
        (
            frame(
                method="thread.subscribe",
                params={"threadId": THREAD, "position": {"epoch": "e", "offset": -1}},
            ),
            rpc_errors.INVALID_PARAMS,
            1,
            "position.offset",
        ),
        (
            frame(
                method="run.start",
                params={"threadId": THREAD, "commandId": THREAD, "message": {"id": THREAD}},
            ),
            rpc_errors.INVALID_PARAMS,
            1,
            "message.content",
        ),
    ],
)
def test_what_is_wrong_is_named(
    text: str, error: RpcErrorCode, request_id: object, field: str
) -> None:
    malformed = refused(text)
    assert (malformed.error, malformed.request_id, malformed.field) == (error, request_id, field)
    answer = content(
        responses.error_frame(malformed.request_id, responses.malformed_error(malformed))
    )
    assert answer["error"]["code"] == error.code
    assert answer["error"]["data"].get("field", "") == field


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("{", "Not JSON: Input data was truncated"),
        ("[]", "Expected `object`, got `array`."),
        (frame(), "Object missing required field `method` at method."),
        (frame(method=3), "Expected `str`, got `int` at method."),
        (frame(method="x" * 65), f"Unknown method '{'x' * 64}'."),
        (frame(method="ping", params=[]), "Expected `object`, got `array`."),
        (
            frame(method="thread.subscribe", params={"threadId": "x"}),
            "Invalid UUID at threadId.",
        ),
        (
            frame(
                method="run.start",
                params={"threadId": THREAD, "commandId": THREAD, "message": {"id": THREAD}},
            ),
            "Object missing required field `content` at message.content.",
        ),
    ],
)
def test_the_detail_says_what_is_wrong_and_where(text: str, detail: str) -> None:
    malformed = refused(text)
    assert malformed.detail == detail
    assert str(malformed) == detail


def decoded(text: str) -> Request | MalformedFrame:
    try:
        return decode_request(text)
    except MalformedFrame as malformed:
        return malformed


@given(st.text())
def test_any_text_is_decoded_or_answered(text: str) -> None:
    outcome = decoded(text)
    assert isinstance(outcome, Request) or outcome.error in rpc_errors.RPC_ERRORS


@given(st.sampled_from(sorted(METHODS)), json_values)
def test_any_params_are_decoded_or_answered_with_the_id(method: str, params: Any) -> None:
    outcome = decoded(frame(method=method, params=params))
    if isinstance(outcome, Request):
        assert outcome.method == method
    else:
        assert (outcome.error, outcome.request_id) == (rpc_errors.INVALID_PARAMS, 1)


class RunBusy(Conflict):
    """As the agents define it."""

    code = "run_busy"
    retry = RetryClass.BACKOFF


class Odd(NotFound):
    """A leaf that the table does not know."""

    code = "odd_not_found"


@pytest.mark.parametrize(
    ("error", "number", "code"),
    [
        (RunBusy("x"), -32003, "run_busy"),
        (Odd("x"), -32602, "odd_not_found"),
        (RateLimited("x"), -32006, "rate_limited"),
        (NetraError("x"), -32603, "error"),
    ],
)
def test_errors_of_the_tree_get_a_number_and_keep_their_code(
    error: NetraError, number: int, code: str
) -> None:
    body = responses.netra_error(error)
    assert (body["code"], body["data"]["code"], body["data"]["retry"]) == (
        number,
        code,
        error.retry.value,
    )


def test_the_time_to_wait_is_in_milliseconds() -> None:
    assert responses.netra_error(RateLimited("x", retry_after=0.25))["data"]["retryAfterMs"] == 250


def test_answers_are_json_rpc() -> None:
    assert content(responses.result_frame("a", {})) == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {},
    }
    assert content(responses.draining_frame(5)) == {
        "jsonrpc": "2.0",
        "method": "connection.draining",
        "params": {"reconnectAfterMs": 5},
    }


def test_lone_surrogates_are_replaced_and_pairs_kept() -> None:
    message = {"id": str(uuid4()), "content": "half \ud83d, whole \U0001f600, path C:\\\\udrive"}
    text = frame(
        method="run.start",
        params={"threadId": THREAD, "commandId": str(uuid4()), "message": message},
    )
    params = decode_request(text).params
    assert isinstance(params, RunStartParams)
    assert params.message.content == "half \ufffd, whole \U0001f600, path C:\\\\udrive"


def test_a_frame_that_is_not_json_stays_refused_with_surrogates_in_it() -> None:
    with pytest.raises(MalformedFrame) as caught:
        decode_request('{"jsonrpc":"2.0","id":1,"method":"ping\\ud83d')
    assert caught.value.error is rpc_errors.PARSE_ERROR
