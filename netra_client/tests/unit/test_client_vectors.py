"""The Python SDK follows the rules for clients, by the transcripts of both SDKs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from netra_client import ClientOptions, FixedToken, NetraClient
from netra_client.tests.unit.scripted_server import VECTORS, Person, scripted_server

RULES = Path(__file__).parents[3] / "docs" / "client-rules.json"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
async def test_a_transcript_is_followed(vector: dict[str, Any], options: ClientOptions) -> None:
    async with scripted_server() as server:
        client = NetraClient(server.url, FixedToken("t0"), options)
        opening = asyncio.create_task(client.__aenter__())
        person = Person(client)
        try:
            for step in vector["steps"]:
                if "client" in step:
                    await opening
                    person.act(step)
                else:
                    await server.play(step)
            await person.until_shown(vector)
        finally:
            await client.aclose()
            await person.leave()
            await asyncio.gather(opening, return_exceptions=True)


def test_each_rule_has_a_transcript() -> None:
    rules = {rule["id"] for rule in json.loads(RULES.read_text(encoding="utf-8"))["rules"]}
    assert {rule for vector in VECTORS for rule in vector["rules"]} == rules
