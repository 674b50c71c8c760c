"""``python -m netra_ops.load.worker``: one worker process of a load test.

Reads its plan from standard input, which holds tokens and is therefore no argument. Writes JSON
lines: ``progress`` every second, then one ``result``. SIGTERM ends the load early; SIGINT is left
to the coordinator.
"""

import asyncio
import json
import signal
import sys
from typing import Any

import msgspec
import uvloop

from netra_ops.load.accounting import Figures
from netra_ops.load.ceiling import measure_ceiling
from netra_ops.load.engine import Engine
from netra_ops.load.plan import WorkerPlan

PROGRESS_SECONDS = 1.0


async def work(plan: WorkerPlan) -> Figures:
    """Measure the ceiling, then run the plan."""
    ceiling = await measure_ceiling()
    engine = Engine(plan)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, engine.stop)
    progress = asyncio.create_task(_report(engine.figures))
    try:
        figures = await engine.run()
    finally:
        progress.cancel()
        loop.remove_signal_handler(signal.SIGTERM)
    figures.ceiling = ceiling
    return figures


async def _report(figures: Figures) -> None:
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        _write(
            {
                "type": "progress",
                "opened": figures.opened,
                "sent": figures.sent,
                "ok": figures.ok,
                "errors": figures.errors.total(),
            }
        )


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run one worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=WorkerPlan)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        _write({"type": "result", "figures": runner.run(work(plan)).to_json()})


if __name__ == "__main__":
    main()
