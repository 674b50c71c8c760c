"""Every wait of the client has a name and a bound here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

from netra_client.errors import DeadlinePassed


@dataclass(frozen=True, slots=True)
class ClientTimeouts:
    """Deadlines in seconds; each must be above zero.

    Args:
        start: the first connection in all, with every retry that the server asks for.
        connect: TCP, TLS and the WebSocket upgrade together.
        initialize: from the open socket to the answer of ``initialize``.
        reply: one answer to one command on one connection.
        command: a command in all, with waiting for a reconnect and sending it again.
        http: one HTTP request, connecting included.
        close: the closing handshake; after it the transport is cut.
        ping_every: pause between two ``ping`` commands; below the server's idle timeout.
        pong: the answer to one ``ping``; a later one means that the connection is dead. Above the
            10 s that the server grants a command: a ping waits behind the one before it, and while
            PostgreSQL hangs every client would take its good connection for a dead one.
        refresh_retry: pause before a failed renewal is tried again.
    """

    start: float = 30.0
    connect: float = 10.0
    initialize: float = 10.0
    reply: float = 15.0
    command: float = 60.0
    http: float = 15.0
    close: float = 2.0
    ping_every: float = 20.0
    pong: float = 12.5
    refresh_retry: float = 5.0

    def __post_init__(self) -> None:
        wrong = [field.name for field in fields(self) if getattr(self, field.name) <= 0]
        if wrong:
            raise ValueError(f"not above 0 seconds: {', '.join(wrong)}")


@asynccontextmanager
async def deadline(name: str, seconds: float) -> AsyncIterator[None]:
    """Bound the block.

    Raises:
        DeadlinePassed: with ``name`` and ``seconds``, when the block took longer.
    """
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            yield
    except TimeoutError as error:
        if bound.expired():
            raise DeadlinePassed(name, seconds) from error
        raise
