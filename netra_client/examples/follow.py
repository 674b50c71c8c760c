"""Follow a thread across restarts of this program: no event is missed, none is printed twice.

The position is stored after each event; the next start continues there. Give a number of events
to stop after, or none to follow forever.

    NETRA_TOKEN=... python -m netra_client.examples.follow http://localhost:8080 THREAD FILE [N]
"""

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

import msgspec

from netra_client import FixedToken, NetraClient, Position, StreamReset


async def follow(base_url: str, token: str, thread_id: UUID, file: Path, count: int | None) -> None:
    """Print the thread's events from the stored position on."""
    position = load(file)
    async with (
        NetraClient(base_url, FixedToken(token)) as client,
        await client.subscribe(thread_id, position) as stream,
    ):
        seen = 0
        async for item in stream:
            if isinstance(item, StreamReset):
                sys.stdout.write(f"reset: {item.reason}, {len(item.messages)} stored messages\n")
            else:
                sys.stdout.write(f"{item.position.offset} {item.type}\n")
            sys.stdout.flush()
            save(file, stream.position)
            seen += 1
            if seen == count:
                return


def load(file: Path) -> Position | None:
    """Return the stored position, None at the first start."""
    return msgspec.json.decode(file.read_bytes(), type=Position) if file.exists() else None


def save(file: Path, position: Position | None) -> None:
    """Store the position so that a crash leaves the old or the new one, never half of it."""
    draft = file.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(position))
    draft.replace(file)


if __name__ == "__main__":
    asyncio.run(
        follow(
            sys.argv[1],
            os.environ["NETRA_TOKEN"],
            UUID(sys.argv[2]),
            Path(sys.argv[3]),
            int(sys.argv[4]) if len(sys.argv) > 4 else None,  # noqa: PLR2004  the optional N
        )
    )
