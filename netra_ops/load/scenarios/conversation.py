"""Scenarios on threads: chat, fan-out, slow reader."""

import asyncio
from typing import ClassVar
from uuid import UUID, uuid4

from netra_client import Outcome, StreamReset, ThreadStream
from netra_ops.load.scenarios.base import ExpectationFailed, Scenario
from netra_ops.load.user import User

MESSAGE = "What does close code 1012 mean?"  # the built-in operations guide answers it at no cost
SLOW_READER_PAUSE_SECONDS = 0.05


class Chat(Scenario):
    """Each user sends a message to a thread of its own and reads the whole answer."""

    interval: ClassVar[float] = 5.0
    deadline: ClassVar[float] = 90.0  # a whole answer within 60 s, and a queue before it

    async def prepare(self, user: User) -> None:
        """Create the user's thread."""
        user.thread = (await user.connected.threads.create(f"load {user.number}")).id

    async def operate(self, user: User) -> None:
        """Send, wait for the first event and for the end."""
        thread = _thread(user)
        run = user.connected.run(thread, MESSAGE)
        is_first = True
        async for item in run:
            if item.thread_id != thread:
                raise ExpectationFailed("an event of another thread arrived", "foreign_event")
            if is_first:
                user.mark("first_event")
                is_first = False
        if run.outcome is not Outcome.SUCCESS:
            raise ExpectationFailed(f"the run ended as {run.outcome}", f"run_{run.outcome}")
        user.mark("answer")


class FanOut(Scenario):
    """Users of one account follow one thread; its first user writes, the others receive."""

    interval: ClassVar[float] = 5.0

    async def prepare(self, user: User) -> None:
        """Create the account's thread once, and follow it."""
        key = f"fan-out-{user.account}"
        threads = user.shared.setdefault("threads", {})
        if key not in threads:
            threads[key] = asyncio.create_task(user.connected.threads.create("fan-out"))
            user.shared.setdefault("writers", {})[user.account] = user.number
        user.thread = (await asyncio.shield(threads[key])).id
        stream = await user.connected.subscribe(user.thread)
        user.tasks.add(asyncio.create_task(self._follow(user, stream)))

    async def operate(self, user: User) -> None:
        """Write when it is this user's part; the followers record what arrives."""
        if user.shared["writers"][user.account] != user.number:
            await user.connected.ping()
            user.mark("ping")
            return
        run = uuid4()
        sent = user.shared.setdefault("sent", {})
        sent[run] = asyncio.get_running_loop().time()
        started = await user.connected.start_run(
            _thread(user), MESSAGE, command_id=run, message_id=uuid4(), on_busy="interrupt"
        )
        sent[started.run_id] = sent.pop(run)
        user.mark("accepted")

    @staticmethod
    async def _follow(user: User, stream: ThreadStream) -> None:
        async with stream:
            async for item in stream:
                if isinstance(item, StreamReset) or item.type != "RUN_FINISHED":
                    continue
                times: dict[UUID, float] = user.shared.get("sent", {})
                if (sent := times.get(item.run_id)) is not None:
                    user.record("fan_out", asyncio.get_running_loop().time() - sent)


class SlowReader(Scenario):
    """Each user reads its answer slowly; nothing may be lost or repeated."""

    interval: ClassVar[float] = 15.0
    deadline: ClassVar[float] = 120.0

    async def prepare(self, user: User) -> None:
        """Create the user's thread."""
        user.thread = (await user.connected.threads.create(f"slow {user.number}")).id

    async def operate(self, user: User) -> None:
        """Read with pauses, and compare the offsets."""
        run = user.connected.run(_thread(user), MESSAGE)
        last: int | None = None
        async for item in run:
            if isinstance(item, StreamReset):
                raise ExpectationFailed("the history had to be reloaded", "stream_reset")
            if last is not None and item.position.offset != last + 1:
                raise ExpectationFailed("an event was lost or repeated", "event_gap")
            last = item.position.offset
            await asyncio.sleep(SLOW_READER_PAUSE_SECONDS)
        user.mark("slow_answer")


def _thread(user: User) -> UUID:
    if user.thread is None:
        raise RuntimeError("prepare has made no thread")
    return user.thread
