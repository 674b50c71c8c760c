"""A command that the server cannot accept fails alone: other commands continue."""

import asyncio
from uuid import uuid4

import pytest

from netra_client import ClientOptions, FixedToken, NetraClient
from netra_client.errors import CommandRejected, SocketClosed
from netra_client.tests.unit.wire_server import Fault, WireServer

TOKEN = FixedToken("t0")
UNREADABLE = {
    "code": -32700,
    "message": "Not JSON: invalid surrogate",
    "data": {"code": "parse_error", "retry": "never"},
}


async def test_half_an_emoji_is_sent_as_a_replacement(
    wire: WireServer, options: ClientOptions
) -> None:
    async with NetraClient(wire.url, TOKEN, options) as client:
        assert await client.run(uuid4(), "half \ud83d").answer() == "half \ufffd "
        assert (await client.threads.create("bad \udc00 title")).title == "bad \ufffd title"


async def test_an_answer_without_id_is_that_of_the_only_command(
    wire: WireServer, options: ClientOptions
) -> None:
    wire.faults.append(Fault(reject={"run.start": UNREADABLE}, without_id=True))
    async with NetraClient(wire.url, TOKEN, options) as client:
        with pytest.raises(CommandRejected) as caught:
            await client.run(uuid4(), "poison").start()
        assert caught.value.code == "parse_error"
        assert await client.run(uuid4(), "next").answer() == "next "
    assert len(wire.handshakes) == 1


@pytest.mark.parametrize("code", [1007, 1009, 4400])
async def test_a_command_that_ends_two_connections_is_set_aside(
    wire: WireServer, options: ClientOptions, code: int
) -> None:
    wire.closes_on = {"poison": code}
    async with NetraClient(wire.url, TOKEN, options) as client:
        poison, good = await asyncio.gather(
            client.run(uuid4(), "poison").answer(),
            client.run(uuid4(), "good").answer(),
            return_exceptions=True,
        )
        assert isinstance(poison, CommandRejected)
        assert poison.retry == "never"
        assert good == "good "
        assert await client.run(uuid4(), "next").answer() == "next "
    assert len(wire.handshakes) == 3


async def test_a_close_without_a_command_in_flight_ends_the_client(
    wire: WireServer, options: ClientOptions
) -> None:
    thread_id = uuid4()
    wire.faults.append(Fault(close_after=(1, 4400)))
    async with (
        NetraClient(wire.url, TOKEN, options) as client,
        await client.subscribe(thread_id) as stream,
    ):
        await wire.publish(thread_id, uuid4(), {"type": "RUN_STARTED"})
        await anext(stream)
        with pytest.raises(SocketClosed):
            await anext(stream)
