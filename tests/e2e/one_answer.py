"""A person's program that asks once and reads the answer; a test freezes it in between.

    python -m tests.e2e.one_answer URL EMAIL THREAD MESSAGE     (password: the first line of stdin)

Prints one JSON object a line: ``connected`` (connection id), ``renewed`` (access token),
``reset`` (its reason), and of every event its ``run``, ``offset`` and ``event``.
"""

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

from netra_client import (
    ClientOptions,
    ClientTimeouts,
    IdentityClient,
    NetraClient,
    ReconnectPolicy,
    RefreshingTokens,
    StreamReset,
)
from netra_client.states import Connected, ConnectionState


def show(**facts: Any) -> None:
    """Print one line immediately."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def show_state(state: ConnectionState) -> None:
    """Print new connections."""
    if isinstance(state, Connected):
        show(connected=state.connection_id)


OPTIONS = ClientOptions(
    reconnect=ReconnectPolicy(first=0.1, cap=1.0),
    # However long it is frozen, an exchange that was in flight is not taken for a failed one.
    timeouts=ClientTimeouts(http=300.0, reply=300.0),
    on_state=show_state,
)


async def ask(url: str, email: str, password: str, thread_id: UUID, message: str) -> None:
    """Ask and print the answer's events until the last."""
    async with IdentityClient(url, OPTIONS.timeouts) as identity:
        signed_in = await identity.login(email, password)
        tokens = RefreshingTokens(identity, signed_in, on_change=lambda _pair: show(renewed=True))
        async with NetraClient(url, tokens, OPTIONS) as client:
            async for item in client.run(thread_id, message):
                if isinstance(item, StreamReset):
                    show(reset=item.reason)
                else:
                    show(run=str(item.run_id), offset=item.position.offset, event=item.event)


if __name__ == "__main__":
    asyncio.run(
        ask(sys.argv[1], sys.argv[2], sys.stdin.readline().strip(), UUID(sys.argv[3]), sys.argv[4])
    )
