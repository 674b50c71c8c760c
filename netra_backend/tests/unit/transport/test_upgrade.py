import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.transport.errors import HeaderInjection
from netra_backend.app.transport.upgrade import (
    UpgradeRefused,
    accept_key,
    accept_response,
    parse_head,
    refusal_response,
)

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # with its answer: RFC 6455 section 1.3


def head(*lines: bytes, first: bytes = b"GET /ws?a=b HTTP/1.1") -> bytes:
    return b"\r\n".join([first, *lines, b"", b""])


GOOD = (
    b"host: x",
    b"upgrade: websocket",
    b"connection: upgrade",
    b"sec-websocket-key: " + KEY,
    b"sec-websocket-version: 13",
)


def test_a_good_head_is_taken_with_its_headers_in_order() -> None:
    found = parse_head(head(*GOOD, b"sec-websocket-protocol: a, b", b"sec-websocket-protocol: c"))
    assert found.target == b"/ws?a=b"
    assert found.accept_key == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert found.subprotocols == ["a", "b", "c"]
    assert found.headers[0] == (b"host", b"x")
    assert found.headers[-1] == (b"sec-websocket-protocol", b"c")


def test_the_absolute_form_of_an_address_is_understood() -> None:
    for first in (b"GET http://x:80/ws?a=b HTTP/1.1", b"GET https://x/ws?a=b HTTP/1.1"):
        assert parse_head(head(*GOOD, first=first)).target == b"/ws?a=b"
    assert parse_head(head(*GOOD, first=b"GET http://x HTTP/1.1")).target == b"/"


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (head(*GOOD, first=b"POST /ws HTTP/1.1"), 400),
        (head(*GOOD, first=b"GET /ws HTTP/1.0"), 400),
        (head(*GOOD[:3], GOOD[4]), 400),
        (head(*GOOD, GOOD[3]), 400),
        (head(*GOOD[:3], b"sec-websocket-key: c2hvcnQ=", GOOD[4]), 400),
        (head(*GOOD[:3], b"sec-websocket-key: !", GOOD[4]), 400),
        (head(*GOOD[:4], b"sec-websocket-version: 8"), 426),
        (head(*GOOD[:4]), 426),
    ],
)
def test_what_is_no_handshake_is_refused_with_a_status(request_head: bytes, status: int) -> None:
    with pytest.raises(UpgradeRefused) as refused:
        parse_head(request_head)
    assert refused.value.status == status
    if status == 426:
        assert (b"sec-websocket-version", b"13") in refused.value.headers


def test_answers_carry_what_they_must() -> None:
    answer = accept_response(parse_head(head(*GOOD)), "jwt-auth", [(b"date", b"today")])
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"\r\nsec-websocket-protocol: jwt-auth\r\ndate: today\r\n\r\n" in answer
    refusal = refusal_response(401, [(b"content-type", b"text/plain")], b"no")
    assert refusal.startswith(b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n")
    assert refusal.endswith(b"content-length: 2\r\n\r\nno")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: x", b"a\nb", b"a\0b"])
def test_no_header_can_smuggle_another(value: bytes) -> None:
    with pytest.raises(HeaderInjection):
        accept_response(parse_head(head(*GOOD)), None, [(b"x-y", value)])
    with pytest.raises(HeaderInjection):
        refusal_response(403, [(value, b"x")], b"")


@given(st.binary(min_size=16, max_size=16))
def test_every_key_of_sixteen_bytes_is_one(key: bytes) -> None:
    encoded = base64.b64encode(key)
    found = parse_head(head(*GOOD[:3], b"sec-websocket-key: " + encoded, GOOD[4]))
    assert found.accept_key == accept_key(encoded)
