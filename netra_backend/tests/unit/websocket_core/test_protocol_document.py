"""Every transcript of docs/protocol.md, replayed against a real gateway.

Lines ``->`` are sent as they stand, ``<-`` must match what arrives. Ids that the document invents
are bound to the real ones at their first appearance and must agree from then on; numbers that
depend on the moment (expiry, age) are not compared.
"""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import netra_backend
from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import connected

PAGE = (Path(netra_backend.__file__).parent.parent / "docs" / "protocol.md").read_text()
TRANSCRIPTS = re.findall(r"```transcript\n(.*?)```", PAGE, re.DOTALL)
USER = UUID("0b7a4b3e-6a3c-4c1f-8f55-1d9f6c3f2a10")
THREAD = UUID("5d0e5c2c-51d5-4b9e-9a40-8a6c1d5c7b11")
AN_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{12}")
OF_THE_MOMENT = {"tokenExpiresAt", "maxSocketAgeSeconds", "instanceId", "since"}

Bindings = dict[str, str]


def test_the_page_has_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 2


@pytest.mark.parametrize("transcript", TRANSCRIPTS)
async def test_transcript(valkey_url: str, transcript: str) -> None:
    bound: Bindings = {}
    async with (
        running(valkey_url, owners={THREAD: USER}) as instance,
        connected(instance.url, tokens.issue(USER)) as client,
    ):
        for line in transcript.strip().splitlines():
            direction, _, text = line.partition(" ")
            if direction == "->":
                await client.send_text(with_real_ids(text, bound))
            else:
                match(json.loads(text), await client.receive(), bound)


def with_real_ids(text: str, bound: Bindings) -> str:
    for documented, real in bound.items():
        text = text.replace(documented, real)
    return text


def match(documented: Any, real: Any, bound: Bindings) -> None:
    if isinstance(documented, dict):
        assert list(documented) == list(real), f"{documented} is documented, {real} arrived"
        for key, value in documented.items():
            if key not in OF_THE_MOMENT:
                match(value, real[key], bound)
    elif isinstance(documented, list):
        assert len(documented) == len(real)
        for one, other in zip(documented, real, strict=True):
            match(one, other, bound)
    elif isinstance(documented, str) and AN_ID.fullmatch(documented):
        assert bound.setdefault(documented, real) == real
    else:
        assert documented == real
