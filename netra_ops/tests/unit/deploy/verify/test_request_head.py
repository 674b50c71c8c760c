import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.verify.request_head import RequestHead

NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,15}", fullmatch=True)
VALUES = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)


def raw(target: str, headers: list[tuple[str, str]]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode()


@given(HEADERS)
def test_every_other_header_passes_and_ours_cannot_be_set_by_a_client(
    headers: list[tuple[str, str]],
) -> None:
    sent = RequestHead.parse(raw("/a?b=c", headers)).through("candidate.test", {"X-Door": "key"})

    arrived = RequestHead.parse(sent)
    ours = {"host", "connection", "x-door"}
    assert arrived.target == "/a?b=c"
    assert [h for h in arrived.headers if h[0].lower() not in ours] == [
        (name, value) for name, value in headers if name.lower() not in ours
    ]
    assert [value for name, value in arrived.headers if name.lower() == "x-door"] == ["key"]
    assert [value for name, value in arrived.headers if name == "Host"] == ["candidate.test"]


def test_an_upgrade_keeps_its_connection_and_another_request_is_the_last() -> None:
    upgrade = RequestHead.parse(raw("/ws", [("Upgrade", "websocket"), ("Connection", "Upgrade")]))
    plain = RequestHead.parse(raw("/", [("Connection", "keep-alive")]))

    assert b"Connection: Upgrade\r\n" in upgrade.through("h", {})
    assert b"Connection: close\r\n" in plain.through("h", {})


@pytest.mark.parametrize("text", [b"\r\n\r\n", b"GET /\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n"])
def test_what_is_no_request_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="request line"):
        RequestHead.parse(text)
