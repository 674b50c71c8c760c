"""A run that is recovered continues its stream, or breaks it and starts over: never both."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client
from netra_backend.tests.unit.websocket_core.harness.stream_reader import StreamReader
from netra_backend.tests.unit.websocket_core.harness.waiting import until


@asynccontextmanager
async def instance(valkey_url: str) -> AsyncIterator[EventStreams]:
    client = valkey_client(valkey_url)
    streams = EventStreams(client, SocketLimits(), encode=event_frame)
    streams.start()
    try:
        yield streams
    finally:
        await streams.stop()
        await client.aclose()


class Run:
    """Publishes named events of one run."""

    def __init__(self) -> None:
        self.thread_id, self.run_id = uuid4(), uuid4()

    async def publish(self, streams: EventStreams, *names: str) -> None:
        for name in names:
            event = {"name": name, "starts": name == "start", "ends": name == "end"}
            await streams.publisher.publish(
                thread_id=self.thread_id,
                run_id=self.run_id,
                event=json.dumps(event).encode(),
                terminal=name == "end",
            )

    async def published(self, streams: EventStreams) -> list[str] | None:
        found = await streams.publisher.published(thread_id=self.thread_id, run_id=self.run_id)
        return None if found is None else [json.loads(event)["name"] for event in found]

    async def restart(self, streams: EventStreams) -> None:
        await streams.publisher.restart(thread_id=self.thread_id, run_id=self.run_id)


async def lose_everything(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    await client.flushall()
    await client.aclose()


async def test_all_that_was_published_is_returned_here_and_on_another_instance(
    valkey_url: str,
) -> None:
    run = Run()
    async with instance(valkey_url) as one, instance(valkey_url) as other:
        assert await run.published(one) is None  # perhaps lost
        await run.publish(one, "start", "a", "b")
        assert await run.published(one) == ["start", "a", "b"]
        assert await run.published(other) == ["start", "a", "b"]
        await run.publish(other, "c")
        await run.publish(one, "late")  # an attempt that was taken over
        assert await run.published(one) == ["start", "a", "b", "c"]
        # The first instance executes it once more: with numbers of its own.
        await run.publish(one, "end")
        assert await run.published(other) == ["start", "a", "b", "c", "end"]


@pytest.mark.parametrize("where", ["same", "another"])
async def test_after_a_loss_the_run_starts_over_and_every_reader_loads_the_history(
    valkey_url: str, where: str
) -> None:
    run, history = Run(), list[str]()
    async with instance(valkey_url) as one, instance(valkey_url) as other:
        readers = [StreamReader(run.thread_id, lambda _: list(history)) for _ in range(2)]
        for reader, streams in zip(readers, (one, other), strict=True):
            await reader.connect(streams)
            reader.reloads = 0
        await run.publish(one, "start", "a", "b")
        await until(lambda: all(reader.seen == ["start", "a", "b"] for reader in readers))
        await lose_everything(valkey_url)

        recovering = one if where == "same" else other
        assert await run.published(recovering) is None
        await run.restart(recovering)
        await run.publish(recovering, "start", "a")

        async def follow() -> None:
            for reader in readers:
                if reader.must_resubscribe:
                    await reader.resubscribe()

        await follow()
        await run.publish(recovering, "b", "end")
        await until(lambda: all(r.must_resubscribe or r.seen[-1:] == ["end"] for r in readers))
        history[:] = ["start", "a", "b", "end"]
        await follow()
        await until(lambda: all(reader.seen == ["start", "a", "b", "end"] for reader in readers))
        assert all(reader.reloads > 0 for reader in readers)
        for reader in readers:
            await reader.disconnect()


async def test_what_the_former_instance_repairs_comes_after_no_new_attempt(
    valkey_url: str,
) -> None:
    run = Run()
    async with instance(valkey_url) as one, instance(valkey_url) as other:
        await run.publish(one, "start", "a", "b")
        await lose_everything(valkey_url)
        await run.restart(other)
        await run.publish(other, "start", "a")
        (producer,) = one.publisher.producers
        one.publisher.release_runs([run.run_id])
        await one.publisher.verify(producer)  # as after an outage
        assert producer.abandoned
        await run.publish(other, "b", "end")
        assert await run.published(other) == ["start", "a", "b", "end"]
