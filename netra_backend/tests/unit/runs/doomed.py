"""An instance on real stores whose model and tool count in the database how often they act.

Run as a program it starts a run, stops at a named place (``response``, ``tool`` or ``answer``),
prints the run, and waits to be killed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from pydantic_ai import Tool
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from redis.asyncio import Redis
from sqlalchemy import text

from netra_backend.app.agents.guide.model import Delta
from netra_backend.app.agents.tools import SIDE_EFFECTS
from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.tests.unit.runs.world import Instance, World, user, world_on

TABLE = "CREATE TABLE IF NOT EXISTS public.deeds (what text NOT NULL)"


@dataclass
class Deeds:
    """What was done, by any process, and where this one stops forever (nowhere: None)."""

    world: World
    stop_at: str | None = None

    async def note(self, what: str) -> None:
        async with self.world.engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO public.deeds VALUES (:what)"), {"what": what}
            )

    async def done(self) -> list[str]:
        async with self.world.engine.connect() as connection:
            rows = await connection.execute(text("SELECT what FROM public.deeds"))
        return sorted(rows.scalars())

    async def pass_by(self, place: str) -> None:
        if place == self.stop_at:
            print("here", flush=True)  # noqa: T201  the parent reads it
            await asyncio.Event().wait()

    async def send_letter(self, address: str) -> str:
        """Send a letter."""
        await self.note("letter sent")
        await self.pass_by("tool")
        return f"sent to {address}"

    async def respond(self, messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Delta]:
        last = messages[-1]
        assert isinstance(last, ModelRequest)
        results = [part.content for part in last.parts if isinstance(part, ToolReturnPart)]
        if not results:
            await self.note("model asked for a call")
            yield "I write "
            await self.pass_by("response")
            yield "it now. "
            yield {1: DeltaToolCall("send_letter", '{"address": "home"}', tool_call_id=uuid4().hex)}
            return
        await self.note("model asked for an answer")
        known = isinstance(results[0], str)
        yield "It is "
        await self.pass_by("answer")
        yield "sent." if known else "perhaps sent."

    def instance(self, streams: EventStreams) -> Instance:
        """Return an instance of these deeds that has not started serving."""
        return self.world.instance(
            FunctionModel(stream_function=self.respond, model_name="deeds"),
            publisher=streams.publisher,
            tools=[Tool(self.send_letter, takes_ctx=False, metadata={SIDE_EFFECTS: True})],
        )


@asynccontextmanager
async def streams_on(url: str) -> AsyncIterator[EventStreams]:
    """Yield real event streams."""
    client = Redis.from_url(url, socket_timeout=5)
    streams = EventStreams(client, SocketLimits(), encode=event_frame)
    streams.start()
    try:
        yield streams
    finally:
        await streams.stop()
        await client.aclose()


async def main(postgres_url: str, valkey_url: str, stop_at: str) -> None:
    """Run until killed."""
    who = user()
    async with world_on(postgres_url) as world, streams_on(valkey_url) as streams:
        deeds = Deeds(world, stop_at)
        instance = deeds.instance(streams)
        await instance.runs.start_serving()
        thread_id = await world.thread(who)
        run = await instance.say(who, thread_id, "write home")
        print(who.sub, thread_id, run.run_id, flush=True)  # noqa: T201  the parent reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
