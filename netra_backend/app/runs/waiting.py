"""The event that reports a wait for the model's service to the people who follow a run."""

import time
from dataclasses import dataclass
from typing import Literal

from ag_ui.core import BaseEvent, CustomEvent

WAITING = "netra.waiting"  # of the CUSTOM event

WaitReason = Literal["rate_limited", "unavailable", "silent"]


@dataclass(frozen=True, slots=True)
class ModelWait:
    """A wait.

    Attributes:
        reason: ``rate_limited``: the service refused the request for now; ``unavailable``: it
            failed; ``silent``: it has not sent anything.
        seconds: until the next attempt, when it is known.
    """

    reason: WaitReason
    seconds: float | None = None


def waiting_event(wait: ModelWait) -> CustomEvent:
    """Return the event: ``value`` has ``reason`` and ``until``, in Unix milliseconds or null.

    The wait ends with any other event of the run.
    """
    now = round(time.time() * 1000)
    until = None if wait.seconds is None else now + round(wait.seconds * 1000)
    value = {"reason": wait.reason, "until": until}
    return CustomEvent(name=WAITING, value=value, timestamp=now)


def is_waiting_event(event: BaseEvent) -> bool:
    """Return whether ``event`` only reports a wait."""
    return isinstance(event, CustomEvent) and event.name == WAITING
