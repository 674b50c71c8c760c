"""``python -m benchmarks.deploys``: deploy and roll back the platform under streaming sockets.

Prints for each of the two what all sockets saw: events lost and doubled, failed runs, the longest
gap beyond the model's own pace, and the reconnects of a socket. Exit status: 0 nothing was lost
or doubled, 1 something was.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.deploys.measure import Load, figures, while_streaming
from benchmarks.deploys.platform import Platform, platform_on_cloud_run

DEPLOY = ("deploy", "-s", "backend", "--force-rebuild", "--events", "30", "--bake", "5")
# Each command, and the step from which the move of handshakes and sockets is timed.
WORK = {"deploy": (DEPLOY, "shift 100"), "rollback": (("rollback",), "traffic")}


async def measure(load: Load) -> bool:
    """Print the figures; return whether every event came exactly once."""
    exact = True
    with tempfile.TemporaryDirectory(prefix="netra-") as folder:
        async with platform_on_cloud_run(Path(folder)) as platform:
            await verified_release(platform)
            for name, (command, step) in WORK.items():
                seen = await while_streaming(platform, load, partial(platform.netra, *command))
                if seen.finished.status:
                    raise SystemExit(seen.finished.output)
                moved = {
                    "handshakes_moved_seconds": round(seen.handshakes_moved(step), 3),
                    "sockets_moved_seconds": round(seen.sockets_moved(step), 3),
                }
                print(json.dumps({name: figures(load, seen.account) | moved}), flush=True)
                exact = exact and seen.account.is_exact
    return exact


async def verified_release(platform: Platform) -> None:
    """Deploy once without sockets: a rollback needs a verified release to go to."""
    first = await platform.netra(*DEPLOY)
    if first.status:
        raise SystemExit(first.output)


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploys", description=__doc__)
    parser.add_argument("--sockets", type=int, default=Load.sockets)
    parser.add_argument("--words", type=int, default=Load.words, help="of each answer")
    parser.add_argument("--pace", type=float, default=Load.pace, help="seconds between two words")
    given = parser.parse_args()
    return 0 if asyncio.run(measure(Load(given.sockets, given.words, given.pace))) else 1


if __name__ == "__main__":
    sys.exit(main())
