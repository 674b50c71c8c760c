"""Clients that read streamed answers without a pause and account for every event.

Three accounts that must agree: offsets grow by one, the text is the model's, each run succeeds.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from netra_client import ClientOptions, FixedToken, NetraClient, Outcome, StreamReset
from netra_client.codes import RetryClass
from netra_client.errors import CommandRejected
from netra_client.states import Connected, ConnectionState
from test_framework.platform.model_server import answer_of

REPEAT_SECONDS = 0.5


@dataclass
class Account:
    """What one or more clients have seen.

    Attributes:
        events: of all runs.
        lost: offsets that never came.
        doubled: offsets that came twice.
        resets: histories that had to be reloaded.
        wrong_texts: answers that are not the model's.
        failed_runs: runs that did not end in success.
        errors: how often a run ended with which code of RUN_ERROR.
        refused: commands that the server asked to repeat, and that were.
        runs: that ended.
        reconnects: connections after the first, for each client.
        reconnected_at: Unix seconds of each of them.
        gaps: seconds between two events of a run.
    """

    events: int = 0
    lost: int = 0
    doubled: int = 0
    resets: int = 0
    wrong_texts: int = 0
    failed_runs: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    runs: int = 0
    reconnects: list[int] = field(default_factory=list)
    reconnected_at: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def note(self, before: int, offset: int) -> None:
        """Account for the offset after ``before``."""
        self.events += 1
        if offset <= before:
            self.doubled += 1
        elif before and offset > before + 1:
            self.lost += offset - before - 1

    @property
    def is_exact(self) -> bool:
        """True when every event of every run came once."""
        wrong = (self.lost, self.doubled, self.resets, self.wrong_texts, self.failed_runs)
        return self.runs > 0 and not any(wrong)


@dataclass(frozen=True)
class Listener:
    """One person with one socket who asks again and again.

    Attributes:
        words: of each answer.
        pace: seconds between two words.
    """

    url: str
    token: str
    words: int
    pace: float
    account: Account

    async def listen(self, until: asyncio.Event, ready: Callable[[], None]) -> None:
        """Ask until ``until`` is set, and read the last answer to its end.

        Args:
            until: set by the caller.
            ready: called once, when the first word has come.
        """
        connections = 0

        def on_state(state: ConnectionState) -> None:
            nonlocal connections
            if isinstance(state, Connected):
                connections += 1
                if connections > 1:
                    self.account.reconnected_at.append(time.time())

        options = ClientOptions(on_state=on_state)
        async with NetraClient(self.url, FixedToken(self.token), options) as client:
            thread = await client.threads.create()
            while not until.is_set():
                await self._ask(client, thread.id, ready)
        self.account.reconnects.append(connections - 1)

    async def _ask(self, client: NetraClient, thread: UUID, ready: Callable[[], None]) -> None:
        account, text, before, last = self.account, "", 0, 0.0
        run = client.run(thread, f"words={self.words} pace={self.pace}")
        while True:  # the same command: accepted twice, it runs once
            try:
                await run.start()
                break
            except CommandRejected as error:
                if error.retry not in {RetryClass.NOW, RetryClass.BACKOFF}:
                    raise
                account.refused += 1
                await asyncio.sleep(error.retry_after or REPEAT_SECONDS)
        async for item in run:
            if isinstance(item, StreamReset):
                account.resets += 1
                continue
            now = time.monotonic()
            if last:
                account.gaps.append(now - last)
            account.note(before, item.position.offset)
            before, last = item.position.offset, now
            if item.type == "RUN_ERROR":
                account.errors[str(item.event.get("code"))] += 1
            if item.type == "TEXT_MESSAGE_CONTENT":
                text += str(item.event["delta"])
                ready()
        account.runs += 1
        account.failed_runs += run.outcome is not Outcome.SUCCESS
        account.wrong_texts += text != answer_of(self.words)
