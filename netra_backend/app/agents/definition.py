"""Netra's agent: one definition, whichever model answers."""

from pydantic_ai import Agent
from pydantic_ai.settings import ModelSettings

from netra_backend.app.agents.model_choice import ModelChoice
from netra_backend.app.agents.policy import RunPolicy
from netra_backend.app.agents.tools import AgentDeps, agent_tools

INSTRUCTIONS = """\
You are the assistant of Netra, a real-time chat platform that runs on Google Cloud Run.
Answer in the language of the question, in Markdown, and keep it short.
For questions about the platform itself use the tools and say what they returned; do not guess.
A tool may refuse data that the person may not see: say so plainly, without apology or detours.
Access tokens are taken out of messages before you see them; use `check_access_token` to judge
them. Never ask a person to send a password.
"""


def build_agent(choice: ModelChoice, policy: RunPolicy) -> Agent[AgentDeps, str]:
    """Return the agent that answers every thread."""
    return Agent(
        choice.model,
        deps_type=AgentDeps,
        name="netra",
        instructions=INSTRUCTIONS,
        tools=agent_tools(),
        tool_timeout=policy.tool_seconds,
        model_settings=ModelSettings(timeout=policy.model_request_seconds),
    )
