"""Payloads and the spool: nothing is lost while a receiver is unavailable."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from netra_ops.alerts.board import Alert
from netra_ops.alerts.dispatch import Dispatcher
from netra_ops.alerts.rules import Rule
from netra_ops.alerts.sinks.payloads import INTERVALS_AHEAD, alertmanager, slack, text
from netra_ops.alerts.sinks.spool import MAX_ENTRIES, Spool, post_to

RULE = Rule("health_seconds", "health_seconds", "critical", 60, "Health is slow", "docs/x.md")
FIRING = Alert(RULE, 1000.0, "9; the bound is 8")
RESOLVED = Alert(RULE, 1000.0, "2; the bound is 6", resolved_at=1100.0)


@dataclass
class Receiver:
    """A webhook's server; answers with ``status``."""

    url: str = ""
    status: int = 200
    bodies: list[Any] = field(default_factory=list)


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0])
        body = json.loads(await reader.readexactly(length))
        if found.status == 200:
            found.bodies.append(body)
        writer.write(f"HTTP/1.1 {found.status} X\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield found


def test_an_alert_ends_four_intervals_ahead_of_its_repetition() -> None:
    # grafana/grafana#38648: an endsAt before the next repetition resolves an alert that fires.
    (body,) = alertmanager([FIRING], "staging", now=2000.0, resend_seconds=30.0)
    assert INTERVALS_AHEAD >= 4
    assert body["startsAt"] == "1970-01-01T00:16:40.000+00:00"
    assert body["endsAt"] == "1970-01-01T00:35:20.000+00:00"
    (ended,) = alertmanager([RESOLVED], "staging", now=2000.0, resend_seconds=30.0)
    assert ended["endsAt"] == "1970-01-01T00:18:20.000+00:00"
    assert ended["labels"] == body["labels"]


def test_all_changes_of_a_round_are_one_message() -> None:
    message = slack([FIRING, RESOLVED], "staging")
    assert message["text"].count("\n") == 1
    assert text(FIRING, "staging").startswith("[FIRING] critical staging health_seconds")


async def test_what_could_not_be_sent_is_sent_later_in_order() -> None:
    async with receiver() as found:
        spool = Spool(post_to(found.url))
        found.status = 503
        spool.put({"n": 1})
        spool.put({"n": 2})
        assert "503" in await spool.flush(0.0)
        assert await spool.flush(0.1) == "waiting to send again"
        found.status = 200
        again = Spool(post_to(found.url), spool.entries)  # a restart in between
        assert await again.flush(0.0) == ""
    assert found.bodies == [{"n": 1}, {"n": 2}]


async def test_the_spool_is_bounded_and_counts_what_it_drops() -> None:
    async def refuse(_entry: Any) -> None:
        raise httpx.ConnectError("nothing listens")

    spool = Spool(refuse)
    for number in range(MAX_ENTRIES + 5):
        spool.put(number)
    assert spool.dropped == 5
    assert spool.entries[0] == 5
    assert await spool.flush(0.0) == "nothing listens"


async def test_a_dispatcher_sends_changes_once_and_repeats_to_alertmanager() -> None:
    async with receiver() as hook, receiver() as manager:
        dispatcher = Dispatcher("local", 30.0, webhook=hook.url, alertmanager=manager.url)
        dispatcher.restore({})
        for monotonic, changes in ((0.0, [FIRING]), (10.0, []), (31.0, []), (40.0, [RESOLVED])):
            firing = [] if changes == [RESOLVED] else [FIRING]
            problems = await dispatcher.dispatch(
                changes, firing, now=2000.0 + monotonic, monotonic=monotonic
            )
            assert problems == []
    assert len(hook.bodies) == 2
    assert len(manager.bodies) == 3
    assert manager.bodies[2][0]["endsAt"].startswith("1970-01-01T00:18:20")
