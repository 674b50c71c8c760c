"""One probe against a real server of the wire."""

import socket
from contextlib import closing

import pytest

from netra_client import ClientTimeouts, FixedToken
from netra_client.endpoint import socket_url
from netra_client.tests.unit.wire_server import Fault, running_server
from netra_ops.measure.outcome import Outcome
from netra_ops.measure.probe import Probe

TOKENS = FixedToken("a.b.c")


async def test_every_step_is_timed_apart() -> None:
    async with running_server() as wire:
        result = await Probe(socket_url(wire.url), TOKENS).once()
    assert result.is_ok
    assert result.close_code == 1000
    assert result.instance
    assert result.handshake is not None
    assert result.handshake > 0
    assert result.initialize is not None
    assert result.round_trip is not None


async def test_a_refusal_is_no_network_failure() -> None:
    async with running_server() as wire:
        wire.refusals.append((503, {"retry-after": "1"}, b"busy"))
        result = await Probe(socket_url(wire.url), TOKENS).once()
    assert (result.outcome, result.code) == (Outcome.REFUSED, "http_503")
    assert result.handshake is None


async def test_a_server_that_is_slow_on_the_socket() -> None:
    async with running_server() as wire:
        wire.faults.append(Fault(mute_ping=True))
        timeouts = ClientTimeouts(pong=0.2, close=0.5)
        result = await Probe(socket_url(wire.url), TOKENS, timeouts=timeouts).once()
    assert result.outcome is Outcome.SLOW
    assert result.initialize is not None
    assert result.round_trip is None


async def test_nothing_listens() -> None:
    with closing(socket.socket()) as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{reserved.getsockname()[1]}/ws"
        result = await Probe(url, TOKENS).once()
    assert (result.outcome, result.code) == (Outcome.NETWORK, "connection_lost")


async def test_a_token_that_was_refused_before_is_no_exception(wire_url: str) -> None:
    class Spent(FixedToken):
        async def token(self, *, not_this: str | None = None) -> str:
            return await super().token(not_this="a.b.c" if not_this is None else not_this)

    result = await Probe(wire_url, Spent("a.b.c")).once()
    assert result.outcome is Outcome.REFUSED


@pytest.fixture
def wire_url() -> str:
    """An address that is not reached."""
    return "ws://127.0.0.1:9/ws"
