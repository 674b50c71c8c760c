"""Validators that misbehave as scripted."""

import asyncio
from dataclasses import dataclass


async def never() -> None:
    await asyncio.Event().wait()


async def unresponsive() -> None:
    """Ignore every cancellation for an hour."""
    loop = asyncio.get_running_loop()
    until = loop.time() + 3600
    while loop.time() < until:
        try:
            await asyncio.sleep(until - loop.time())
        except asyncio.CancelledError:
            continue


@dataclass
class Script:
    """A validator that behaves differently at each attempt."""

    behaviours: list[tuple[str, float]]
    attempt: int = 0

    async def __call__(self) -> bool:
        kind, seconds = self.behaviours[self.attempt % len(self.behaviours)]
        self.attempt += 1
        if kind == "hang":
            await never()
        if kind == "unresponsive":
            await unresponsive()
        await asyncio.sleep(seconds)
        if kind == "raise":
            raise ConnectionRefusedError("refused")
        return kind == "pass"
