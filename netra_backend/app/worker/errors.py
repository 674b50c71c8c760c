"""Errors of the agent process as a whole; ``runs.errors`` has those of runs."""

from typing import ClassVar

from netra_shared.errors import Unavailable


class AgentProcessStarting(Unavailable):
    """The agent process of the instance is starting; send the command again."""

    code: ClassVar[str] = "agent_process_starting"
    title: ClassVar[str] = "The agent process is starting"


class AgentProcessUnavailable(Unavailable):
    """The agent process of the instance does not answer, or has ended and restarts."""

    code: ClassVar[str] = "agent_process_unavailable"
    title: ClassVar[str] = "The agent process is unavailable"
