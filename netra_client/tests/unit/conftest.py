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
    """Short pauses, so that a test of ten reconnects takes a fraction of a second.

    The deadlines are long: no test waits for one, and a machine that pauses for two seconds
    must not make the client start again.
    """
    return ClientOptions(
        reconnect=ReconnectPolicy(prompt=0.01, first=0.01, cap=0.05, give_up=60.0),
        timeouts=ClientTimeouts(command=60.0, reply=20.0, close=10.0, start=60.0),
    )
