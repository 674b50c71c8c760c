"""Who refused, by the documented signature of each part."""

import pytest

from netra_client.diagnosis.findings import Refuser
from netra_client.diagnosis.refuser import who_refused

PROBLEM = {"content-type": "application/problem+json", "server": "envoy"}
GOOGLE = {"content-type": "text/html; charset=UTF-8", "server": "Google Frontend"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "by"),
    [
        (401, PROBLEM, b'{"code":"token_expired","retry":"after-refresh"}', Refuser.BACKEND),
        (403, PROBLEM, b'{"code":"origin_forbidden"}', Refuser.BACKEND),
        (503, {"server": "envoy"}, b"no healthy upstream", Refuser.EDGE),
        (
            503,
            {},
            b"upstream connect error or disconnect/reset before headers. reset reason: x",
            Refuser.EDGE,
        ),
        (404, {"server": "envoy"}, b"", Refuser.EDGE),
        (403, {"server": "envoy"}, b"RBAC: access denied", Refuser.CLOUD_ARMOR),
        (429, {"server": "envoy"}, b"local_rate_limited", Refuser.CLOUD_ARMOR),
        (
            403,
            GOOGLE,
            b"<h2>Your client does not have permission to get URL <code>/ws</code></h2>",
            Refuser.CLOUD_RUN_IAM,
        ),
        (429, GOOGLE, b"Rate exceeded.", Refuser.CLOUD_RUN),
        (403, {"via": "1.1 google"}, b"<title>403</title>403 Forbidden", Refuser.GOOGLE),
        (502, {"server": "nginx"}, b"<h1>502 Bad Gateway</h1>", Refuser.UNKNOWN),
    ],
)
def test_the_signature_names_the_part(
    status: int, headers: dict[str, str], body: bytes, by: Refuser
) -> None:
    refusal = who_refused(status, headers, body)
    assert refusal.by is by
    assert refusal.signature
    assert refusal.remedy


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 7}', b"\xff\xfe"])
def test_a_broken_problem_document_is_no_answer_of_the_backend(body: bytes) -> None:
    refusal = who_refused(401, {"content-type": "application/problem+json"}, body)
    assert refusal.by is Refuser.UNKNOWN


def test_the_text_of_iam_counts_only_with_its_status() -> None:
    body = b"your client does not have permission to get url"
    assert who_refused(500, {}, body).by is Refuser.UNKNOWN
