"""How long a socket lives: without any traffic (idle) and with it (total)."""

import asyncio

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from netra_client.diagnosis.findings import Answer, Finding

PING_EVERY_SECONDS = 10.0  # below every idle timeout that is common: 30 s and more


async def outlives(socket: ClientConnection, check: str, seconds: float, *, quiet: bool) -> Finding:
    """Hold a socket for ``seconds`` and report when and how it ended before.

    Args:
        socket: open; owned from here on.
        check: name of the finding.
        seconds: how long it has to live.
        quiet: send nothing, so that only an idle timeout can end it.
    """
    kind = "idle" if quiet else "busy"
    question = f"Does {'an' if quiet else 'a'} {kind} socket live {seconds:g} s?"
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        async with asyncio.timeout(seconds):
            await _hold(socket, quiet=quiet)
    except TimeoutError:
        await socket.close()
        return Finding(check, question, Answer.YES, f"it was open after {seconds:g} s")
    except ConnectionClosed as error:
        ended = "without a close frame"
        if error.rcvd is not None:
            ended = f"with {error.rcvd.code} {error.rcvd.reason}".rstrip()
        evidence = f"it ended after {loop.time() - started:.1f} s, {ended}"
        remedy = (
            "send a ping more often than this, or raise the idle timeout on the way"
            if quiet
            else "reconnect before this age, or raise the request timeout on the way"
        )
        return Finding(check, question, Answer.NO, evidence, remedy)
    return Finding(check, question, Answer.UNKNOWN, "the measurement ended early")


async def _hold(socket: ClientConnection, *, quiet: bool) -> None:
    """Read and drop messages until the socket ends, pinging between them unless ``quiet``."""
    while True:
        try:
            async with asyncio.timeout(None if quiet else PING_EVERY_SECONDS):
                await socket.recv()
        except TimeoutError:
            await socket.ping()
