"""The first word of an agent, asked for on a server that has just accepted a socket."""

import http.client
import json

from netra_client import FixedToken, NetraClient
from test_framework.blocking import run

PATIENCE_SECONDS = 60.0


def ask_netra(port: int, *, token: str) -> None:
    """Return when the backend's agent has said something."""
    run(_ask_netra(port, token))


async def _ask_netra(port: int, token: str) -> None:
    async with NetraClient(f"http://127.0.0.1:{port}", FixedToken(token)) as client:
        thread = await client.threads.create()
        async for _event in client.run(thread.id, "What does 4413 mean?"):
            break


def ask_minimal_agent(port: int) -> None:
    """Return when the minimal application's agent has said something, over its one route."""
    order = {
        "threadId": "t", "runId": "r", "state": {}, "tools": [], "context": [],
        "forwardedProps": {}, "messages": [{"id": "m", "role": "user", "content": "Hello?"}],
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("POST", "/agent", json.dumps(order), {"content-type": "application/json"})
    answer = connection.getresponse()
    line = answer.readline()
    connection.close()
    if not line.startswith(b"data:"):
        raise RuntimeError(f"no event: {answer.status} {line!r}")
