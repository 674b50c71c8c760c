"""Each row of the section fails on a system that is broken on purpose."""

import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from netra_client.tests.unit.diagnosis.faulty import websocket_server
from netra_client.tests.unit.wire_server import running_server
from netra_ops.tests.unit.validate.broken import Break, answering, row_of, target
from netra_ops.validate.evidence import Finding, Judged, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.connections import connect_many
from netra_ops.validate.rows.protocol import ROWS
from netra_ops.validate.target import RunRecord


def row(name: str) -> Row:
    return row_of(ROWS, f"protocol.{name}")


async def another_service(_folder: Path) -> Finding:
    async with answering(json.dumps({"serviceId": "nginx", "status": "pass"})) as port:
        return await row("backend-deployed").check(target(f"http://127.0.0.1:{port}"))


async def page_without_policy(_folder: Path) -> Finding:
    async with answering("<html></html>", kind="text/html") as port:
        return await row("frontend-deployed").check(target(f"http://127.0.0.1:{port}"))


async def bundle_without_handshake(_folder: Path) -> Finding:
    async with answering("<script src='/app.js'></script>", kind="text/html") as port:
        return await row("bundle-handshake").check(target(f"http://127.0.0.1:{port}"))


async def every_token_is_accepted(_folder: Path) -> Finding:
    """The wire server checks no token: the good one passes, and the bad one must not."""
    async with running_server() as wire:
        return await row("authentication").check(target(wire.url))


async def closes_with_1011(_folder: Path) -> Finding:
    async def fail(connection: ServerConnection) -> None:
        await connection.close(1011, "internal error")

    place = target(record=RunRecord())
    async with websocket_server(fail, subprotocols=["jwt-auth"]) as port:
        await connect_many(place, 2, address=f"http://127.0.0.1:{port}")
    assert place.record.closes == {1011: 2}
    return await row("no-1011").check(place)


BREAKS: dict[str, Break] = {
    "protocol.backend-deployed": another_service,
    "protocol.frontend-deployed": page_without_policy,
    "protocol.bundle-handshake": bundle_without_handshake,
    "protocol.authentication": every_token_is_accepted,
    "protocol.no-1011": closes_with_1011,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


async def test_a_good_token_passes_where_only_the_bad_one_is_accepted_too() -> None:
    async with running_server() as wire:
        finding = await row("authentication").check(target(wire.url))
    assert isinstance(finding, Judged)
    assert [one.holds for one in finding.evidence] == [True, True, False, False]


async def test_a_run_without_sockets_says_nothing_about_1011() -> None:
    finding = await row("no-1011").check(target())
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED
