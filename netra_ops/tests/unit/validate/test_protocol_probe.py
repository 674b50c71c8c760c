"""The probe against servers that do, and do not, behave as documented."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from netra_client.handshake import Credential, offer_token
from netra_client.tests.unit.wire_server import Fault, WireServer, running_server
from netra_client.timeouts import ClientTimeouts
from netra_ops.validate.protocol_probe import ProtocolProbe, Report, Verdict

OFFER = offer_token(Credential.SUBPROTOCOL, "secret-token")
PROBLEM = {"content-type": "application/problem+json"}
PATIENT = ClientTimeouts(close=10.0)  # no test waits for one of these


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    async with running_server() as server:
        yield server


async def probe(
    wire: WireServer, origin: str | None = None, timeouts: ClientTimeouts = PATIENT
) -> Report:
    url = wire.url.replace("http", "ws") + "/ws"
    report = await ProtocolProbe(url, OFFER, origin, timeouts).run()
    assert "secret-token" not in repr(report)
    return report


async def test_a_good_handshake_is_walked_to_its_end(wire: WireServer) -> None:
    report = await probe(wire)
    assert report.verdict is Verdict.ACCEPTED
    assert [s.name for s in report.steps] == ["reach", "upgrade", "initialize", "ping", "close"]
    assert all(step.passed for step in report.steps)


async def test_a_documented_refusal_passes(wire: WireServer) -> None:
    wire.refusals.append((401, PROBLEM, b'{"code":"token_invalid","retry":"after-refresh"}'))
    assert (await probe(wire)).verdict is Verdict.REFUSED_AS_DOCUMENTED


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (401, {}, b"Unauthorized"),
        (401, PROBLEM, b'{"code":"no_such_code","retry":"never"}'),
        (403, PROBLEM, b'{"code":"token_invalid","retry":"never"}'),
        (404, {}, b""),
        (500, PROBLEM, b'{"code":"internal_error","retry":"backoff"}'),
    ],
)
async def test_any_other_refusal_does_not(
    wire: WireServer, status: int, headers: dict[str, str], body: bytes
) -> None:
    wire.refusals.append((status, headers, body))
    assert (await probe(wire)).verdict is Verdict.NOT_AS_DOCUMENTED


async def test_trouble_of_the_platform_is_no_refusal_of_the_token(wire: WireServer) -> None:
    wire.refusals.append((503, PROBLEM, b'{"code":"draining","retry":"now"}'))
    assert (await probe(wire)).verdict is Verdict.UNAVAILABLE


async def test_a_browser_must_be_refused_where_it_can_read(wire: WireServer) -> None:
    wire.refusals.append((401, PROBLEM, b'{"code":"token_invalid","retry":"after-refresh"}'))
    assert (await probe(wire, origin=wire.url)).verdict is Verdict.NOT_AS_DOCUMENTED


async def test_an_answer_that_never_comes_is_the_networks_failure(wire: WireServer) -> None:
    wire.faults.append(Fault(mute_ping=True))
    report = await probe(wire, timeouts=replace(PATIENT, reply=1.0))
    assert report.verdict is Verdict.NETWORK_FAILURE
    assert not report.steps[-1].passed


async def test_a_closed_port_is_the_networks_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    report = await ProtocolProbe(f"ws://127.0.0.1:{port}/ws", OFFER).run()
    assert report.verdict is Verdict.NETWORK_FAILURE
    assert [step.name for step in report.steps] == ["reach"]


async def test_a_server_of_another_kind_is_not_as_documented() -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        report = await ProtocolProbe(f"ws://127.0.0.1:{port}/ws", OFFER).run()
    assert report.verdict is Verdict.NOT_AS_DOCUMENTED
