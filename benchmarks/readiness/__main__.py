"""``python -m benchmarks.readiness``: the price of asking for readiness while Redis is unavailable.

Redis is put into a black hole: nothing is answered, no connection is accepted. Meanwhile
``/health`` (a constant) and ``/health/ready`` of one process are asked in turn over one connection;
their ratio at the 99th percentile is the result. Beside it the same outage for a service that pings
Redis in the request, as commonly written with FastAPI.

Exit status: 0 the ratio is below the bound, 1 it is not.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.readiness.asker import Asker
from benchmarks.readiness.stand import AS_COMMONLY_WRITTEN, stand

BOUND = 1.2  # times /health, at the 99th percentile
HEALTH, READY = "/health", "/health/ready"
WARM_UP = 300
SETTLE_SECONDS = 8.0  # until the check has concluded that Redis is unavailable
PEER_TIMES = 3
GIVE_UP_SECONDS = 10.0  # longer than any load balancer or probe waits

EXAMPLES = """examples:
  python -m benchmarks.readiness                 about a minute
  python -m benchmarks.readiness --rounds 3 --json
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.readiness",
        description="Latency of /health/ready during a Redis black hole, as a ratio to /health.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    parser.add_argument(
        "--times", type=int, default=3000, help="questions to each path in a round (default 3000)"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.times < 100:
        parser.error("--rounds must be at least 1 and --times at least 100")
    result = asyncio.run(_measure(options.rounds, options.times))
    if options.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        _print(result)
    return 0 if result["passed"] else 1


async def _measure(rounds: int, times: int) -> dict[str, Any]:
    async with stand(AS_COMMONLY_WRITTEN) as both:
        netra, peer = both.netra.backend.port, both.peer.port
        async with (
            Asker(netra, answer_seconds=GIVE_UP_SECONDS) as ours,
            Asker(peer, answer_seconds=GIVE_UP_SECONDS) as theirs,
        ):
            before = {
                "netra": await _round(ours, WARM_UP),
                "inline": await _round(theirs, WARM_UP),
            }
            await both.start_black_hole()
            await asyncio.sleep(SETTLE_SECONDS)
            each = []
            for number in range(rounds):
                _progress(f"round {number + 1} of {rounds}")
                each.append(await _round(ours, times))
            _progress("the peer, which hangs")
            inline = {
                path: _figures((await theirs.in_turn((path,), times))[path])
                for path, times in ((HEALTH, WARM_UP), (READY, PEER_TIMES))
            }
            _progress("")
            await both.end_black_hole()
    ratios = {
        key: statistics.median(one[READY][key] / one[HEALTH][key] for one in each)
        for key in ("p50_ms", "p99_ms")
    }
    return {
        "before": before,
        "netra": each,
        "inline": inline,
        "ratios": ratios,
        "inline_ratio": inline[READY]["p50_ms"] / inline[HEALTH]["p50_ms"],
        "bound": BOUND,
        "passed": ratios["p99_ms"] < BOUND,
    }


async def _round(asker: Asker, times: int) -> dict[str, dict[str, float]]:
    taken = await asker.in_turn((HEALTH, READY), times)
    return {path: _figures(seconds) for path, seconds in taken.items()}


def _figures(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        "times": len(seconds),
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "max_ms": max(seconds) * 1000,
        "unanswered": sum(one >= GIVE_UP_SECONDS for one in seconds),
    }


def _print(result: dict[str, Any]) -> None:
    heading = f"{'during a black hole':24}{'p50 ms':>10}{'p99 ms':>10}{'unanswered':>12}\n"
    sys.stdout.write(heading)
    for path in (HEALTH, READY):
        p50, p99 = (
            statistics.median(one[path][key] for one in result["netra"])
            for key in ("p50_ms", "p99_ms")
        )
        sys.stdout.write(f"{'netra  ' + path:24}{p50:10.2f}{p99:10.2f}{0:12}\n")
    for path in (HEALTH, READY):
        row = result["inline"][path]
        sys.stdout.write(
            f"{'inline ' + path:24}{row['p50_ms']:10.2f}{row['p99_ms']:10.2f}"
            f"{row['unanswered']:9} / {row['times']}\n"
        )
    ratios = result["ratios"]
    sys.stdout.write(
        f"ratio /health/ready : /health   p50 {ratios['p50_ms']:.2f}   p99 {ratios['p99_ms']:.2f}"
        f"   bound {result['bound']}   inline {result['inline_ratio']:.0f}\n"
    )


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what}")


if __name__ == "__main__":
    sys.exit(main())
