"""One user of a load test: its socket, its thread, and the marks of the operation in flight."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from netra_client import NetraClient
from netra_client.token_source import TokenSource


@dataclass(slots=True, eq=False)
class User:
    """What a scenario works with.

    Args:
        number: from 0, among all users of the test.
        account: number of its account; users of one account may share threads.
        address: of the platform.
        tokens: of its account.
        client: connected; None for a scenario that opens sockets itself.
        on_step: called with the name and the latency of a step.
        shared: of all users of this worker, for scenarios in which users meet.
    """

    number: int
    account: int
    address: str
    tokens: TokenSource
    client: NetraClient | None
    on_step: Callable[[str, float], None]
    shared: dict[str, Any]
    thread: UUID | None = None
    intended: float = 0.0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def connected(self) -> NetraClient:
        """The client.

        Raises:
            RuntimeError: the scenario declared that it needs none.
        """
        if self.client is None:
            raise RuntimeError("this scenario has no client; set needs_client")
        return self.client

    def mark(self, step: str) -> None:
        """Record the time from the intended start of the operation to now."""
        self.on_step(step, asyncio.get_running_loop().time() - self.intended)

    def record(self, step: str, seconds: float) -> None:
        """Record a latency that was measured from another moment."""
        self.on_step(step, seconds)
