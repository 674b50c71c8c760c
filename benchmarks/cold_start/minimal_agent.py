"""The other peer: the minimal application with an agent in it, as pydantic-ai's tutorial has it.

It shows what of the backend's start is the agent framework's and what is Netra's own.
"""

from collections.abc import AsyncIterator

from fastapi import Request, Response
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.ui.ag_ui import AGUIAdapter

from benchmarks.cold_start.minimal_application import app, serve


async def _echo(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
    yield "an answer"


agent = Agent(FunctionModel(stream_function=_echo))


@agent.tool_plain
def now(zone: str) -> str:
    """Return the time.

    Args:
        zone: where.
    """
    return f"noon in {zone}"


@app.post("/agent")
async def run(request: Request) -> Response:
    """Run the agent as an AG-UI stream."""
    return await AGUIAdapter.dispatch_request(request, agent=agent)


if __name__ == "__main__":
    serve()
