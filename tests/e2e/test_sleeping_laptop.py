"""A laptop falls asleep in the middle of an answer and wakes when its token has long expired."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.log_records import log_records
from test_framework.platform.model_server import MODEL, model_server
from test_framework.platform.people import Person, new_person
from test_framework.project import PROJECT_ROOT
from test_framework.waiting import eventually

pytestmark = pytest.mark.mission_critical

TOKEN_SECONDS = 5
TOKEN_EXPIRED = 4419
SECONDS = 60.0  # for each thing to happen; a quiet machine needs TOKEN_SECONDS at most
SOME = 10  # events: enough to know that they flow
ENDLESS = "words=20000 pace=0.02"  # 400 s at least: the run continues until it is stopped


@pytest.fixture
def service_environment(service_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Short-lived tokens, and a model that talks for as long as the test says."""
    with model_server() as model_url:
        yield service_environment | {
            "ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS),
            "NETRA_MODEL": MODEL,
            "NETRA_MODEL_BASE_URL": model_url,
        }


@dataclass
class Laptop:
    """The process of ``one_answer``, and what it has printed."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)

    def said(self, name: str) -> list[Any]:
        return [line[name] for line in self.lines if name in line]

    @property
    def events(self) -> list[tuple[int, dict[str, Any]]]:
        return [(line["offset"], line["event"]) for line in self.lines if "event" in line]

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))


@asynccontextmanager
async def laptop(url: str, person: Person, thread_id: UUID) -> AsyncIterator[Laptop]:
    program = [sys.executable, "-m", "tests.e2e.one_answer"]
    process = await asyncio.create_subprocess_exec(
        *program, url, person.email, str(thread_id), ENDLESS,
        cwd=PROJECT_ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    found = Laptop(process)
    listening = asyncio.create_task(found.listen())
    try:
        assert process.stdin is not None
        process.stdin.write(f"{person.password}\n".encode())
        yield found
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening


async def stored(valkey: Redis, thread_id: UUID) -> list[tuple[int, dict[str, Any]]]:
    rows: Any = await valkey.xrange(f"netra:{{{thread_id}}}:events")
    return [(int(at.partition(b"-")[0]), json.loads(fields[b"e"])) for at, fields in rows]


async def test_it_gets_a_fresh_token_and_exactly_what_it_missed(
    edge: HttpServer, backend: HttpServer, valkey_url: str
) -> None:
    url = f"http://{LOOPBACK}:{edge.port}"

    def expired() -> int:
        closed = [record for record in log_records(backend) if record["message"] == "socket closed"]
        return [record["close_code"] for record in closed].count(TOKEN_EXPIRED)

    async with new_person(url) as person, Redis.from_url(valkey_url) as valkey:
        async with person.client(url) as client:
            thread_id = (await client.threads.create()).id

        async def stored_at_least(count: int) -> bool:
            return bool(await valkey.xlen(f"netra:{{{thread_id}}}:events") >= count)

        async with laptop(url, person, thread_id) as sleeper:
            await eventually(lambda: len(sleeper.events) >= SOME, within=SECONDS, what="starts")
            sleeper.process.send_signal(signal.SIGSTOP)
            before, connections = expired(), len(sleeper.said("connected"))
            await eventually(lambda: expired() > before, within=SECONDS, what="closed 4419")
            renewals, awake = len(sleeper.said("renewed")), len(await stored(valkey, thread_id))
            await eventually(
                lambda: stored_at_least(awake + SOME), within=SECONDS, what="continues unread"
            )
            sleeper.process.send_signal(signal.SIGCONT)
            await eventually(
                lambda: len(sleeper.events) > awake + SOME, within=SECONDS, what="resumes"
            )
            assert len(sleeper.said("renewed")) > renewals
            assert len(set(sleeper.said("connected"))) > connections
            async with person.client(url) as client:
                await client.cancel_run(UUID(sleeper.said("run")[0]))
            async with asyncio.timeout(SECONDS):
                assert await sleeper.process.wait() == 0
        assert sleeper.said("reset") == []
        assert sleeper.events == await stored(valkey, thread_id)
        assert sleeper.events[-1][1]["type"] == "RUN_FINISHED"
