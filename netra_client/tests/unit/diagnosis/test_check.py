"""Each fault, made on purpose, is the cause that the diagnosis names; nothing else is."""

import asyncio
import contextlib
import json
import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from netra_client import Answer, ClientTimeouts, Diagnosis, Refuser, check
from netra_client.diagnosis.check import to_json
from netra_client.diagnosis.network import Target
from netra_client.diagnosis.upgrade import attempt_upgrade
from netra_client.tests.unit.diagnosis.faulty import (
    certificate,
    http_server,
    server_tls,
    websocket_server,
)
from netra_client.tests.unit.diagnosis.test_claims import token
from netra_client.tests.unit.wire_server import WireServer

QUICK = ClientTimeouts(connect=5.0, http=5.0, pong=5.0, close=1.0)
PROBLEM = {"Content-Type": "application/problem+json", "Server": "envoy"}


def answers(diagnosis: Diagnosis) -> dict[str, str]:
    return {finding.check: finding.answer.value for finding in diagnosis.findings}


async def test_a_healthy_platform_has_no_cause(wire: WireServer) -> None:
    diagnosis = await check(wire.url, token=token(exp=4e9), timeouts=QUICK)
    assert diagnosis.cause is None
    assert answers(diagnosis) == {
        "dns": "yes",
        "tcp": "yes",
        "http": "yes",
        "clock": "yes",
        "token": "yes",
        "upgrade": "yes",
        "subprotocol": "yes",
        "origin": "unknown",
        "answers": "yes",
        "close": "yes",
    }
    document = json.loads(to_json(diagnosis))
    assert document["healthy"] is True
    assert document["cause"] is None


async def test_a_name_that_does_not_exist() -> None:
    diagnosis = await check("ws://netra.invalid/ws", timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "dns"
    assert diagnosis.of("upgrade").answer is Answer.UNKNOWN
    assert "dns failed before" in diagnosis.of("upgrade").evidence


async def test_a_port_that_nothing_listens_on() -> None:
    with closing(socket.socket()) as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        diagnosis = await check(f"ws://127.0.0.1:{port}", timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "tcp"


async def test_a_port_that_accepts_and_is_silent() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}"
        diagnosis = await check(url, timeouts=ClientTimeouts(connect=0.3, http=0.3))
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "http"
    assert "0.3 s" in diagnosis.of("upgrade").evidence


@pytest.mark.parametrize(
    ("host", "days", "evidence"),
    [("127.0.0.1", 1, "self-signed"), ("127.0.0.1", -1, "expired"), ("example.com", 1, "mismatch")],
)
async def test_a_certificate_that_is_not_trusted(
    tmp_path: Path, host: str, days: int, evidence: str
) -> None:
    path = certificate(tmp_path, host=host, days=days)
    trust = ssl.create_default_context()
    if evidence != "self-signed":
        trust.load_verify_locations(path)
    async with websocket_server(tls=server_tls(path)) as port:
        diagnosis = await check(f"wss://127.0.0.1:{port}", timeouts=QUICK, tls=trust)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "tls"
    assert evidence in diagnosis.cause.evidence.replace("self signed", "self-signed")


async def test_a_trusted_certificate_and_any_websocket(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(path))
    async with websocket_server(tls=server_tls(path)) as port:
        diagnosis = await check(f"wss://127.0.0.1:{port}/any", timeouts=QUICK, tls=trust)
    assert diagnosis.cause is None
    assert diagnosis.of("tls").answer is Answer.YES
    assert diagnosis.of("answers").evidence == "a ping was answered with a pong"


async def test_plain_text_on_a_port_that_should_speak_tls() -> None:
    async with websocket_server() as port:
        diagnosis = await check(f"wss://127.0.0.1:{port}", timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "tls"


@pytest.mark.parametrize(
    ("status", "headers", "body", "refused_by"),
    [
        ("503 Service Unavailable", {"Server": "envoy"}, b"no healthy upstream", Refuser.EDGE),
        ("403 Forbidden", {"Via": "1.1 google"}, b"403 Forbidden", Refuser.GOOGLE),
        ("403 Forbidden", PROBLEM, b'{"code":"origin_forbidden"}', Refuser.BACKEND),
        ("429 Too Many Requests", {"Server": "envoy"}, b"local_rate_limited", Refuser.CLOUD_ARMOR),
        ("301 Moved Permanently", {"Location": "https://other.invalid/"}, b"", Refuser.UNKNOWN),
    ],
)
async def test_who_refused_the_upgrade(
    status: str, headers: dict[str, str], body: bytes, refused_by: Refuser
) -> None:
    async with http_server(status, headers, body) as port:
        diagnosis = await check(f"http://127.0.0.1:{port}", timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "upgrade"
    assert diagnosis.refused_by is refused_by
    assert status[:3] in diagnosis.cause.evidence


async def test_an_expired_token_is_the_cause_of_a_refused_credential() -> None:
    body = b'{"code":"token_expired"}'
    async with http_server("401 Unauthorized", PROBLEM, body) as port:
        diagnosis = await check(f"http://127.0.0.1:{port}", token=token(exp=1), timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "token"


async def test_an_expired_token_does_not_explain_a_missing_route() -> None:
    async with http_server("404 Not Found", {"Server": "envoy"}, b"") as port:
        diagnosis = await check(f"http://127.0.0.1:{port}", token=token(exp=1), timeouts=QUICK)
    assert diagnosis.of("token").answer is Answer.NO
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "upgrade"


async def test_a_wrong_clock_is_the_cause_of_a_refused_credential() -> None:
    body = b'{"code":"token_invalid"}'
    async with http_server("401 Unauthorized", PROBLEM, body, clock_offset=-300) as port:
        diagnosis = await check(f"http://127.0.0.1:{port}", token=token(exp=4e9), timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "clock"
    assert "ahead" in diagnosis.cause.evidence


async def test_a_subprotocol_that_is_lost_on_the_way() -> None:
    async with websocket_server(subprotocols=["other"]) as port:
        url = f"ws://127.0.0.1:{port}"
        lost = await check(url, protocols=["jwt-auth"], timeouts=QUICK)
    assert lost.cause is not None
    assert lost.cause.check == "upgrade"  # this server refuses what it does not know
    async with websocket_server() as port:
        url = f"ws://127.0.0.1:{port}"
        lost = await check(url, protocols=["jwt-auth"], timeouts=QUICK)
    assert lost.cause is not None
    assert lost.cause.check == "subprotocol"
    assert "browsers" in lost.cause.evidence


async def test_an_origin_that_is_not_allowed() -> None:
    allowed = Origin("https://chat.example")
    async with websocket_server(origins=[allowed, None]) as port:
        url = f"ws://127.0.0.1:{port}"
        good = await check(url, origin=allowed, timeouts=QUICK)
        bad = await check(url, origin="https://evil.example", timeouts=QUICK)
    assert good.of("origin").answer is Answer.YES
    assert bad.of("origin").answer is Answer.NO
    assert "without an Origin" in bad.of("origin").evidence


async def test_a_browser_refusal_is_a_close_after_the_upgrade() -> None:
    async def refuse(connection: ServerConnection) -> None:
        await connection.close(4401, "token_expired")

    async with websocket_server(refuse) as port:
        diagnosis = await check(f"ws://127.0.0.1:{port}", timeouts=QUICK)
    assert diagnosis.cause is not None
    assert diagnosis.cause.check == "upgrade"
    assert diagnosis.cause.evidence == "HTTP 101, then closed with 4401 token_expired"
    assert diagnosis.refused_by is Refuser.BACKEND
    assert diagnosis.is_credential_refused


async def test_idle_and_total_timeouts_are_measured() -> None:
    async def close_when_idle(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            try:
                async with asyncio.timeout(0.5):
                    await connection.recv()
            except TimeoutError:
                await connection.close(1001, "idle")

    async with websocket_server() as port:
        good = await check(f"ws://127.0.0.1:{port}", idle=0.2, total=0.2, timeouts=QUICK)
    assert good.of("idle").answer is Answer.YES
    assert good.of("total").answer is Answer.YES
    async with websocket_server(close_when_idle) as port:
        bad = await check(f"ws://127.0.0.1:{port}", idle=30, timeouts=QUICK)
    assert bad.of("idle").answer is Answer.NO
    assert "1001 idle" in bad.of("idle").evidence
    assert bad.cause is not None
    assert bad.cause.check == "idle"


async def test_a_check_that_fails_by_itself_is_unknown_and_no_cause(wire: WireServer) -> None:
    broken = ClientTimeouts(connect=5.0, initialize=5.0)
    diagnosis = await check(wire.url, protocols=["not a token"], timeouts=broken)
    upgrade = diagnosis.of("upgrade")
    assert upgrade.answer is Answer.UNKNOWN
    assert upgrade.evidence.startswith("the check itself failed")
    assert diagnosis.cause is None


async def test_no_evidence_holds_the_token(wire: WireServer) -> None:
    secret = token(exp=4e9)
    diagnosis = await check(wire.url, token=secret, timeouts=QUICK)
    wire.refusals.append((401, {}, b"no"))
    refused = await check(wire.url, token=secret, timeouts=QUICK)
    assert secret not in to_json(diagnosis) + to_json(refused)


async def test_an_attempt_shows_how_the_upgrade_ended() -> None:
    async with http_server("426 Upgrade Required", {"Upgrade": "websocket"}, b"") as port:
        target = Target.of(f"ws://127.0.0.1:{port}/ws")
        attempt = await attempt_upgrade(target, (), {}, None, QUICK)
    assert attempt.status == 426
    assert attempt.socket is None
