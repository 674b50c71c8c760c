import pytest

from netra_client.codes import CLOSE_CODES, RetryClass
from netra_client.errors import retry_class_of_close
from netra_client.handshake import Credential, handshake_refused, http_refused, offer_token

JSON = {"content-type": "application/problem+json"}


def test_a_token_travels_in_a_subprotocol_or_a_header_never_both() -> None:
    assert offer_token(Credential.SUBPROTOCOL, "x.y.z").subprotocols == ("jwt-auth", "jwt.x.y.z")
    assert offer_token(Credential.TICKET, "abc").subprotocols == ("jwt-auth", "ticket.abc")
    bearer = offer_token(Credential.BEARER, "x.y.z")
    assert bearer.headers == {"Authorization": "Bearer x.y.z"}
    assert bearer.subprotocols == ("jwt-auth",)


def test_the_problem_document_decides() -> None:
    body = b'{"detail":"full","code":"too_many","retry":"never","retry_after":3.5}'
    error = handshake_refused(503, JSON, body)
    assert (error.code, error.retry, error.retry_after) == ("too_many", RetryClass.NEVER, 3.5)
    assert str(error) == "Socket refused with HTTP 503: full"


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        (400, "never"),
        (401, "after-refresh"),
        (403, "never"),
        (404, "never"),
        (408, "backoff"),
        (429, "backoff"),
        (500, "backoff"),
        (502, "backoff"),
        (503, "backoff"),
        (504, "backoff"),
    ],
)
def test_without_a_document_the_status_decides(status: int, retry: str) -> None:
    assert http_refused(status, {}, b"<html>").retry == retry


def test_an_unreadable_document_is_survived() -> None:
    error = http_refused(503, JSON, b"{")
    assert (error.code, error.retry) == ("http_503", RetryClass.BACKOFF)


def test_retry_after_comes_from_the_header_too() -> None:
    assert http_refused(429, {"retry-after": "7"}, b"").retry_after == 7
    assert http_refused(429, {"retry-after": "Tue, 24 Nov 2026"}, b"").retry_after is None


def test_every_close_code_of_the_table_has_its_own_retry_class() -> None:
    assert all(retry_class_of_close(code) is row.retry for code, row in CLOSE_CODES.items())
