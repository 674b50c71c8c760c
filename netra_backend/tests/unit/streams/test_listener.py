"""A live connection that answers pings and carries nothing: it is noticed, and replaced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from redis.asyncio import Redis

from netra_backend.app.streams.listener import ChannelListener, ListenerOptions
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client
from netra_backend.tests.unit.websocket_core.harness.waiting import until

BEAT_SECONDS = 0.1


class Deafening:
    """Passes everything on, until messages of subscriptions are left out of what exists then."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._deaf: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Future[tuple[BaseException | None, BaseException | None]]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        server.close()
        for writer in self._open:
            writer.close()
        await asyncio.wait(self._tasks)

    def deafen(self) -> None:
        self._deaf |= self._open

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._upstream)
        self._open |= {writer, forth}
        both = asyncio.gather(
            self._pipe(reader, forth), self._pipe(back, writer), return_exceptions=True
        )
        self._tasks.add(both)
        await both

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            # One push is one chunk here: each is sent by itself, far apart.
            if sink not in self._deaf or b"smessage" not in chunk:
                sink.write(chunk)
        sink.close()


async def test_deafness_is_noticed_by_a_heartbeat_that_does_not_come_back(valkey_url: str) -> None:
    parts = urlsplit(valkey_url)
    assert parts.port is not None
    proxy = Deafening(parts.port)
    heard: list[bytes] = []
    renewals: list[None] = []
    async with proxy.listening() as port, Redis.from_url(valkey_url) as publisher:
        client = valkey_client(valkey_url.replace(f":{parts.port}", f":{port}"))
        listener = ChannelListener(
            client,
            ListenerOptions(
                sharded=True,
                on_message=lambda _channel, message: heard.append(message),
                on_connected=lambda: renewals.append(None),
                confirm_seconds=2,
                beat_seconds=BEAT_SECONDS,
            ),
        )
        listener.start("{t}:live")
        await until(lambda: len(renewals) == 1)
        await publisher.spublish("{t}:live", "before")
        await until(lambda: heard == [b"before"])

        proxy.deafen()
        await publisher.spublish("{t}:live", "unheard")
        await until(lambda: len(renewals) == 2)
        await publisher.spublish("{t}:live", "after")
        await until(lambda: heard[-1] == b"after")
        assert heard == [b"before", b"after"], "what was missed is for the owner to catch up"
        await listener.stop()
        await client.aclose()


async def test_a_channel_wanted_again_immediately_costs_no_connection(
    valkey_url: str,
) -> None:
    heard: list[bytes] = []
    renewals: list[None] = []
    client = valkey_client(valkey_url)
    listener = ChannelListener(
        client,
        ListenerOptions(
            sharded=True,
            on_message=lambda _channel, message: heard.append(message),
            on_connected=lambda: renewals.append(None),
            confirm_seconds=2,
            beat_seconds=BEAT_SECONDS,
        ),
    )
    listener.start("{t}:live")
    await until(lambda: len(renewals) == 1)
    for _ in range(20):  # each answer to an unsubscription finds the channel wanted again
        await listener.subscribe("{t}:other")
        await listener.unsubscribe("{t}:other")
    await listener.subscribe("{t}:other")
    async with Redis.from_url(valkey_url) as publisher:
        await publisher.spublish("{t}:other", "after")
    await until(lambda: heard == [b"after"])
    assert len(renewals) == 1
    await listener.stop()
    await client.aclose()
