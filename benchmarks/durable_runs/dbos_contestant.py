"""The same agent as a DBOS workflow: no message, thread or answer is stored besides its steps.

``argv``: URL, number of runs.
"""

import asyncio
import sys

import pydantic_ai.ui.ag_ui  # noqa: F401  as in the other contestant
import sqlalchemy.ext.asyncio  # noqa: F401
from pydantic_ai import Agent

from benchmarks.durable_runs.meter import Meter
from benchmarks.durable_runs.script import handle, look_up, model


async def main(url: str, runs: int) -> None:
    """Measure and print."""
    meter = Meter()
    from dbos import DBOS  # type: ignore[import-not-found]  # noqa: PLC0415  under the meter
    from pydantic_ai.durable_exec.dbos import DBOSDurability  # noqa: PLC0415

    DBOS(
        config={
            "name": "netra",
            "system_database_url": url,
            "executor_id": "bench",
            "application_version": "1",
            "run_admin_server": False,
            "log_level": "ERROR",
        }
    )
    agent = Agent(model(), name="netra", capabilities=[DBOSDurability(event_stream_handler=handle)])
    agent.tool_plain(DBOS.step()(look_up))

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    async def answer(prompt: str) -> str:
        return (await agent.run(prompt)).output

    DBOS.launch()

    async def run() -> None:
        await answer("x")

    await meter.measure(url, run, runs)
    DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
