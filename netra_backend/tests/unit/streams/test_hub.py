"""Holding feeds: a released feed is dropped, also when the release is interrupted."""

import asyncio
from uuid import uuid4

import pytest

from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.valkey_store import ValkeyStreamStore
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client
from netra_backend.tests.unit.websocket_core.harness.stream_reader import StreamReader


async def test_an_interrupted_unsubscribe_holds_no_feed(valkey_url: str) -> None:
    client, limits, thread_id = valkey_client(valkey_url), SocketLimits(), uuid4()
    hub = StreamHub(ValkeyStreamStore(client, limits), client, limits, event_frame)
    hub.start()
    reader = StreamReader(thread_id, lambda _ended: [])
    subscription, _ = await hub.subscribe(thread_id, None, reader)
    # integrity: allow no-sleep: it is not waited for, but ended
    subscription.catch_up = hub.spawn(asyncio.sleep(60))  # it is busy catching up
    leaving = asyncio.create_task(hub.unsubscribe(subscription))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert not list(hub.feeds)
    await hub.stop()
    await client.aclose()
