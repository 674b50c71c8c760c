"""Does something to the platform while sockets stream, and returns what they saw."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.deploys.listeners import Account, Listener
from benchmarks.deploys.platform import Finished, Platform

READY_SECONDS = 240.0  # 200 handshakes and first words on a busy machine
END_SECONDS = 240.0  # the last answers
ASK_SECONDS = 0.05
QUANTILES = 100
BETWEEN_STARTS_SECONDS = 0.1  # people do not arrive all in one moment


@dataclass(frozen=True)
class Load:
    """Sockets that stream; the defaults suit a machine that does other things too."""

    sockets: int = 20
    words: int = 60
    pace: float = 0.25


@dataclass(frozen=True)
class Outcome:
    """What happened while sockets streamed.

    Attributes:
        finished: the command.
        account: of all sockets.
        answers: Unix seconds and revision of new connections at the public address.
    """

    finished: Finished
    account: Account
    answers: Sequence[tuple[float, str]]

    def handshakes_moved(self, step: str) -> float:
        """Return seconds from the start of a step to the last answer of the former revision.

        The revision in between is none of it: a rollback ends on a copy of the good one.
        """
        former = self.answers[0][1]
        last = max(at for at, revision in self.answers if revision == former)
        return last - self.finished.started(step)

    def sockets_moved(self, step: str) -> float:
        """Return seconds from the start of a step to the last reconnect."""
        return max(self.account.reconnected_at, default=0.0) - self.finished.started(step)


async def while_streaming(
    platform: Platform, load: Load, work: Callable[[], Awaitable[Finished]]
) -> Outcome:
    """Run ``work`` once every socket streams; return its result and the account of all sockets.

    Raises:
        TimeoutError: a socket did not start or end to stream in time.
    """
    account, until, streaming = Account(), asyncio.Event(), asyncio.Event()
    started: set[int] = set()

    def ready(number: int) -> None:
        started.add(number)
        if len(started) == load.sockets:
            streaming.set()

    async with asyncio.TaskGroup() as group:
        for number in range(load.sockets):
            one = Listener(platform.url, platform.token, load.words, load.pace, account)
            await asyncio.sleep(BETWEEN_STARTS_SECONDS)
            group.create_task(one.listen(until, lambda n=number: ready(n)))  # type: ignore[misc]
        async with asyncio.timeout(READY_SECONDS):
            await streaming.wait()
        asking = group.create_task(_ask_on(platform, until))
        finished = await work()
        until.set()
    return Outcome(finished, account, asking.result())


async def _ask_on(platform: Platform, until: asyncio.Event) -> list[tuple[float, str]]:
    """Ask new connections who serves, until ``until`` is set."""
    answers: list[tuple[float, str]] = []
    while not until.is_set():
        answers.append((time.time(), await platform.serving()))
        await asyncio.sleep(ASK_SECONDS)
    return answers


def figures(load: Load, account: Account) -> dict[str, Any]:
    """Return the account as numbers to print; seconds beyond the model's own pace."""
    late = [gap - load.pace for gap in account.gaps]
    return {
        "sockets": load.sockets,
        "events": account.events,
        "runs": account.runs,
        "lost": account.lost,
        "doubled": account.doubled,
        "resets": account.resets,
        "failed_runs": account.failed_runs,
        "run_errors": dict(account.errors),
        "refused_commands": account.refused,
        "wrong_texts": account.wrong_texts,
        "most_reconnects_of_a_socket": max(account.reconnects),
        "longest_gap_seconds": round(max(late), 3),
        "p99_gap_seconds": round(statistics.quantiles(late, n=QUANTILES)[-1], 3),
    }
