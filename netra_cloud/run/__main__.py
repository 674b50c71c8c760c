"""``python -m netra_cloud.run``: run the emulator until SIGINT or SIGTERM."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

import uvloop

from netra_cloud.run.server import ServerOptions, serving

EXIT_PORT_TAKEN = 5


def _arguments() -> ServerOptions:
    parser = argparse.ArgumentParser(
        prog="python -m netra_cloud.run",
        description="A local Cloud Run: Admin API, revisions as processes, data plane.",
    )
    parser.add_argument("--data", type=Path, required=True, help="directory of the state")
    parser.add_argument("--port", type=int, default=0, help="of the API; data plane on the next")
    parser.add_argument(
        "--clock-factor",
        type=float,
        default=1.0,
        help="documented seconds that pass in a real one (tests)",
    )
    parser.add_argument(
        "--propagation",
        type=float,
        default=0.0,
        help="seconds, 0 to 30, in which a changed split and the old one both serve",
    )
    parser.add_argument("--grpc", action="store_true", help="serve gRPC too")
    found = parser.parse_args()
    return ServerOptions(found.data, found.port, found.clock_factor, found.propagation, found.grpc)


async def _run(options: ServerOptions) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serving(options) as addresses:
        sys.stdout.write(json.dumps(addresses.__dict__) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    """Run; return the exit status."""
    try:
        uvloop.run(_run(_arguments()))
    except OSError as error:
        sys.stderr.write(f"local Cloud Run: {error}\n")
        return EXIT_PORT_TAKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
