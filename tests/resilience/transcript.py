"""What a reader of a thread was shown, to be compared with what the stream holds."""

import asyncio
import json
from typing import Self
from uuid import UUID

from netra_client import NetraClient, StreamReset, ThreadEvent, ThreadStream
from test_framework.waiting import eventually


class Transcript:
    """Follows a thread until it is closed.

    Attributes:
        events: offset and event, as they came.
        resets: how often the history had to be reloaded.
    """

    def __init__(self, stream: ThreadStream) -> None:
        self.events: list[tuple[int, str]] = []
        self.resets = 0
        self._stream = stream
        self._task = asyncio.create_task(self._follow())
        # A test that fails does not come to ``close``; the next one must not be blamed for that.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    @classmethod
    async def of(cls, client: NetraClient, thread_id: UUID) -> Self:
        """Start to follow with the next event."""
        return cls(await client.subscribe(thread_id))

    async def close(self) -> None:
        """Stop following; raises what ended the stream."""
        await self._stream.aclose()
        await self._task

    async def until_it_has(self, stored: list[tuple[int, bytes]], *, within: float) -> None:
        """Wait for the last of ``stored``, then compare everything: order, content, once each."""
        wanted = [(offset, canonical(json.loads(event))) for offset, event in stored]
        await eventually(
            lambda: self.events[-1:] == wanted[-1:],
            within=within,
            what=f"the last of {len(wanted)} events arrived, having {len(self.events)} now",
        )
        missing = [event for event in wanted if event not in self.events]
        assert missing == []
        assert [offset for offset, _ in self.events] == [offset for offset, _ in wanted]
        assert self.events == wanted

    def types(self) -> list[str]:
        """Return the types of the events."""
        return [str(json.loads(event)["type"]) for _, event in self.events]

    async def _follow(self) -> None:
        async for item in self._stream:
            if isinstance(item, StreamReset):
                self.resets += 1
            elif isinstance(item, ThreadEvent):
                self.events.append((item.position.offset, canonical(item.event)))


def canonical(event: object) -> str:
    """Return an event's JSON in one spelling."""
    return json.dumps(event, sort_keys=True)
