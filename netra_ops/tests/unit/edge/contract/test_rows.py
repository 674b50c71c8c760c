"""Each judgement passes on what the contract demands and fails on each way to break it."""

import hashlib

import pytest

from netra_ops.edge.contract import rows
from netra_ops.edge.contract.arrival import Arrival, Refusal, Secret, read_arrival
from netra_shared.http.edge_headers import CONTRACT

PLATFORM = {
    "x-forwarded-for": "192.0.2.1,203.0.113.10",
    "x-forwarded-proto": "https",
    "via": "1.1 google",
    "x-cloud-trace-context": "105445aa7843bc8bf206b12000100000/1",
}
GOOD = {
    "x-netra-client-ip": "192.0.2.1",
    "x-netra-client-region": "",
    "x-netra-client-encrypted": "true",
    "x-netra-tls-version": "TLSv1.3",
    **PLATFORM,
}


def arrival(
    *headers: tuple[str, str | Secret], from_edge: bool = True, dropped: tuple[str, ...] = ()
) -> Arrival:
    return Arrival(from_edge, dropped, headers)


def verdicts(found: list[rows.Row]) -> list[bool | None]:
    return [row.passed for row in found]


def secret(value: str) -> Secret:
    return Secret(hashlib.sha256(value.encode()).hexdigest(), len(value))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (arrival(("authorization", secret("Bearer a"))), True),
        (arrival(("authorization", secret("Bearer b"))), False),
        (arrival(("authorization", secret("Bearer a")), ("authorization", secret("x"))), False),
        (arrival(), False),
        (Refusal(403), False),
    ],
)
def test_forwarded(outcome: Arrival | Refusal, *, expected: bool) -> None:
    (row,) = rows.forwarded("forwarded", "request", [("Authorization", "Bearer a")], outcome)
    assert row.passed is expected
    assert "Bearer" not in row.sent + row.arrived


def test_added_demands_each_header_once_with_a_value_of_its_kind() -> None:
    assert all(verdicts(rows.added("request", arrival(*GOOD.items()), secure=True)))
    for name, wrong in (
        ("x-netra-client-ip", "somebody"),
        ("x-netra-client-region", "Mordor"),
        ("x-netra-client-encrypted", "false"),
        ("x-netra-tls-version", ""),
    ):
        found = rows.added("request", arrival(*{**GOOD, name: wrong}.items()), secure=True)
        assert [row.name for row in found if not row.passed] == [name]
    twice = rows.added("request", arrival(*GOOD.items(), *GOOD.items()), secure=True)
    assert {row.name for row in twice if not row.passed} == set(CONTRACT.added)
    silent = {name: value for name, value in GOOD.items() if name != "via"}
    found = rows.added("request", arrival(*silent.items()), secure=True)
    assert [row.name for row in found if not row.passed] == ["via"]
    untrusted = rows.added("request", arrival(*GOOD.items(), from_edge=False), secure=True)
    assert verdicts(untrusted)[0] is False


def test_every_header_that_the_contract_adds_has_a_form_here() -> None:
    assert set(GOOD) == {*CONTRACT.added, *CONTRACT.platform}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (arrival(("x-netra-client-ip", "192.0.2.1")), [True, True]),
        (arrival(("x-netra-client-ip", "forged-0")), [False, True]),
        (arrival(("x-netra-client-ip", "192.0.2.1"), ("x-netra-client-ip", "x")), [False, True]),
        (arrival(("x-netra-client-ip", "1.1.1.1"), ("x-netra-roles", "x")), [True, False]),
        (arrival(("x-netra-client-ip", "1.1.1.1"), dropped=("x-netra-roles",)), [True, False]),
        (arrival(), [False, True]),
        (Refusal(0), [False]),
    ],
)
def test_forgery(outcome: Arrival | Refusal, expected: list[bool]) -> None:
    sent = [("X-Netra-Client-IP", "forged-0"), ("x-netra-roles", "forged-1")]
    assert verdicts(rows.forgery("request", sent, outcome)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9.9.9.9,192.0.2.1,203.0.113.10", True),
        ("9.9.9.9", False),
        ("192.0.2.1,203.0.113.10", False),
        ("9.9.9.9,9.9.9.9,203.0.113.10", False),  # the claim in the client's place
    ],
)
def test_addresses(value: str, *, expected: bool) -> None:
    row = rows.chain("request", "9.9.9.9", arrival(("x-forwarded-for", value)))
    assert row.passed is expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Refusal(431), True),
        (Refusal(0), True),
        (Refusal(503), False),
        (arrival(), False),
    ],
)
def test_refused(outcome: Arrival | Refusal, *, expected: bool) -> None:
    assert rows.refused("size", "request", "70 KiB", "", outcome).passed is expected


def test_gone() -> None:
    found = rows.gone("hop by hop", "request", ["te", "keep-alive"], arrival(("te", "trailers")))
    assert verdicts(found) == [False, True]


def test_an_answer_is_read_with_its_secrets_as_digests() -> None:
    document = {
        "fromEdge": True,
        "dropped": ["x-netra-roles"],
        "headers": [["Cookie", {"sha256": "ab" * 32, "length": 7}], ["origin", "https://a"]],
    }
    read = read_arrival(document, "jwt-auth")
    assert read.values("cookie") == [Secret("ab" * 32, 7)]
    assert read.values("origin") == ["https://a"]
    assert (read.dropped, read.selected) == (("x-netra-roles",), "jwt-auth")
