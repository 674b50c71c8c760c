"""Deadlines of programs that know nothing of each other, and have to fit all the same."""

import re
from pathlib import Path

from netra_backend.app.websocket_core.limits import SocketLimits
from netra_client import ClientTimeouts

BROWSER_OPTIONS = Path(__file__).parents[2] / "frontend/src/netra-client/options.ts"


def test_no_client_takes_a_slow_command_for_a_dead_connection() -> None:
    """A ping waits behind the command before it, for as long as the server lets that take."""
    found = re.search(r"pongMs: ([\d_]+),", BROWSER_OPTIONS.read_text())
    assert found is not None
    longest = SocketLimits().command_seconds
    assert ClientTimeouts().pong > longest
    assert int(found[1]) / 1000 > longest
