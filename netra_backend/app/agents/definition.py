"""The definition of Netra's agent, for any model."""

from collections.abc import Sequence

from pydantic_ai import Agent, DeferredToolRequests, Tool
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import FunctionToolset

from netra_backend.app.agents.journaled import JournaledModel, JournaledTools
from netra_backend.app.agents.model_choice import ModelChoice
from netra_backend.app.agents.tools import AgentDeps, Answer, agent_tools
from netra_backend.app.runs.policy import RunPolicy

INSTRUCTIONS = """\
You are the assistant of Netra, a real-time chat platform that runs on Google Cloud Run.
Answer in the language of the question, in Markdown, and keep it short.
For questions about the platform itself use the tools and say what they returned; do not guess.
A tool may refuse data that the person may not see: say so plainly, without apology or detours.
Access tokens are taken out of messages before you see them; use `check_access_token` to judge
them. Never ask a person to send a password.
"""


def build_agent(
    choice: ModelChoice, policy: RunPolicy, tools: Sequence[Tool[AgentDeps]] | None = None
) -> Agent[AgentDeps, Answer]:
    """Return the agent of all threads, with Netra's tools unless ``tools`` are given."""
    offered = agent_tools() if tools is None else list(tools)
    return Agent(
        JournaledModel(choice.model),
        deps_type=AgentDeps,
        output_type=[str, DeferredToolRequests],
        name="netra",
        instructions=INSTRUCTIONS,
        toolsets=[JournaledTools(FunctionToolset(offered, timeout=policy.tool_seconds))],
        model_settings=ModelSettings(timeout=policy.model_request_seconds),
    )
