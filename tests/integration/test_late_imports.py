"""No import under load, nor while the process ends with its sockets and runs at work."""

import asyncio
import contextlib
import signal
from itertools import count

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from netra_client import ClientOptions, FixedToken, NetraClient, NetraClientError, ReconnectPolicy
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.fixtures.services import END_SECONDS, MakeToken
from test_framework.log_records import log_records
from test_framework.platform.late_imports import late_imports_in

pytestmark = pytest.mark.mission_critical

PEOPLE = 10
RUNS_BEFORE_THE_END = 40
SECONDS = 60.0
QUESTIONS = ("Is the platform ready?", "What is 4413?", "Who is connected?", "valkey outage")
NO_RETURN = ClientOptions(reconnect=ReconnectPolicy(first=30.0, cap=30.0))


async def test_a_load_and_a_shutdown_under_load_import_nothing(
    backend: HttpServer, make_token: MakeToken
) -> None:
    address = f"http://{LOOPBACK}:{backend.port}"
    finished = count()
    enough = asyncio.Event()

    async def talk(number: int) -> None:
        """Ask again and again until the server goes."""
        token = make_token("operator") if number % 2 else make_token()
        async with NetraClient(address, FixedToken(token), NO_RETURN) as client:
            for question in QUESTIONS * RUNS_BEFORE_THE_END:
                thread = await client.threads.create()
                async for _event in client.run(thread.id, question):
                    pass
                if next(finished) >= RUNS_BEFORE_THE_END:
                    enough.set()

    async def until_the_end(number: int) -> None:
        with contextlib.suppress(NetraClientError, httpx.HTTPError, TimeoutError):
            await talk(number)

    people = [asyncio.create_task(until_the_end(number)) for number in range(PEOPLE)]
    try:
        async with asyncio.timeout(SECONDS):
            await enough.wait()
        async with httpx.AsyncClient(base_url=address, timeout=SECONDS) as http:
            metrics = (await http.get("/metrics")).text
        assert not all(task.done() for task in people)
        backend.child.send(signal.SIGTERM)
        assert await backend.child.wait(END_SECONDS) == 0
    finally:
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
    (family,) = [
        family
        for family in text_string_to_metric_families(metrics)
        if family.name == "late_imports"
    ]
    assert [sample for sample in family.samples if sample.value] == []
    assert late_imports_in([backend.log_path]) == []
    stopped = [record for record in log_records(backend) if record["message"] == "backend stopped"]
    assert [record["late_imports"] for record in stopped] == [0]
