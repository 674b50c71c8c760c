from collections.abc import AsyncIterator

import pytest

from netra_client import ClientOptions, ClientTimeouts, ReconnectPolicy
from netra_client.tests.unit.wire_server import WireServer, running_server


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    async with running_server() as server:
        yield server


@pytest.fixture
def options() -> ClientOptions:
    """Short waits, so that a test of ten reconnects takes a fraction of a second."""
    return ClientOptions(
        reconnect=ReconnectPolicy(prompt=0.01, first=0.01, cap=0.05, give_up=3.0),
        timeouts=ClientTimeouts(command=5.0, reply=1.0, close=0.5, start=5.0),
    )
