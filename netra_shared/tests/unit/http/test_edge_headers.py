"""Which peers may set which headers about a client."""

import json
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_shared.http.edge_headers import (
    CONTRACT,
    CONTRACT_FILE,
    DROPPED,
    FROM_EDGE,
    EdgeHeaders,
    is_edge,
    split_headers,
)
from netra_shared.redaction import CREDENTIAL_FIELDS

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("10.1.2.3", True),
        ("::1", True),
        ("::ffff:10.1.2.3", True),  # IPv4 through an IPv6 socket
        ("192.0.2.1", False),
        ("testclient", False),
        ("", False),
        (None, False),
    ],
)
def test_who_is_the_edge(peer: str | None, *, expected: bool) -> None:
    assert is_edge(peer, TRUSTED) is expected


KINDS = ("forwarded", "added", "platform", "removed")
NAMES = st.sampled_from([*CONTRACT.forwarded, *CONTRACT.added, *CONTRACT.removed, "via", "x-other"])
CASED = NAMES.flatmap(lambda name: st.sampled_from([name, name.upper(), name.title()]))


@given(
    headers=st.lists(st.tuples(CASED.map(str.encode), st.binary(max_size=3))),
    from_edge=st.booleans(),
)
def test_nothing_is_lost_nothing_is_invented_and_the_order_stays(
    headers: list[tuple[bytes, bytes]], *, from_edge: bool
) -> None:
    kept, dropped = split_headers(headers, from_edge=from_edge)
    assert kept == [pair for pair in headers if pair in kept]
    assert len(kept) + len(dropped) == len(headers)
    names = {name.lower().decode() for name, _ in kept}
    believed = {"forwarded", "x-forwarded-host"}  # only ever taken for the trace of a proxy
    assert names & set(CONTRACT.removed) <= believed
    if not from_edge:
        assert names.isdisjoint(CONTRACT.added)
    assert set(dropped).isdisjoint(CONTRACT.forwarded)


async def _seen(peer: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.update(scope)

    scope = {
        "type": "websocket",
        "client": (peer, 1),
        "headers": [(b"x-netra-client-ip", b"192.0.2.9"), (b"X-Netra-User-Id", b"root")],
    }
    await EdgeHeaders(app, TRUSTED)(scope, None, None)
    return found


async def test_the_edge_is_believed_and_a_stranger_is_not() -> None:
    by_edge, by_stranger = await _seen("10.0.0.1"), await _seen("192.0.2.1")
    assert by_edge["headers"] == [(b"x-netra-client-ip", b"192.0.2.9")]
    assert (by_edge[FROM_EDGE], by_edge[DROPPED]) == (True, ["x-netra-user-id"])
    assert by_stranger["headers"] == []
    assert by_stranger[FROM_EDGE] is False


def test_the_contract_is_consistent() -> None:
    document = json.loads(CONTRACT_FILE.read_text())
    entries = [entry for kind in KINDS for entry in document[kind]]
    names = [entry["name"] for entry in entries]
    assert names == [name.lower() for name in names]
    assert len(names) == len(set(names)), "a name cannot be both forwarded and removed"
    assert all(entry["reason"] for entry in entries)
    assert document.keys() == {"title", "never_logged", *KINDS}


def test_what_is_never_logged_is_redacted_in_every_log() -> None:
    assert {name.replace("-", "_") for name in CONTRACT.never_logged} <= CREDENTIAL_FIELDS
    assert {"authorization", "cookie", "sec-websocket-protocol"} <= CONTRACT.never_logged
