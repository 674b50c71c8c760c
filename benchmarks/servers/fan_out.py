"""What a broadcast says and when: the same in every contestant."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

FILL = "x" * 300  # with its envelope about what a text delta of an agent takes


def stamped() -> str:
    """Return the message: the sender's clock in nanoseconds, and ballast."""
    return json.dumps({"at": time.monotonic_ns(), "fill": FILL}, separators=(",", ":"))


async def broadcast(order: dict[str, Any], send_to_all: Callable[[str], None]) -> None:
    """Send ``order["events"]`` messages, one every ``order["every"]`` milliseconds."""
    for _ in range(order["events"]):
        await asyncio.sleep(order["every"] / 1000)
        send_to_all(stamped())
