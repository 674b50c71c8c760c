"""Errors of the agent process as a whole; those of runs are the agents' own."""

from typing import ClassVar

from netra_shared.errors import Unavailable


class AgentsStarting(Unavailable):
    """The instance's agent process is starting; the same command will soon be taken."""

    code: ClassVar[str] = "agents_starting"
    title: ClassVar[str] = "The agents are starting"


class AgentsAway(Unavailable):
    """The instance's agent process does not answer, or has ended and is being started again."""

    code: ClassVar[str] = "agents_away"
    title: ClassVar[str] = "The agents are away"
