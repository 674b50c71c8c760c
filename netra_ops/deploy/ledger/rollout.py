"""A release in progress: its phase, what it may do next, and where traffic goes if it fails.

The phase is written before the next action starts and every action may run twice, so a rollout
can be continued by another process, from another machine, after any crash.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from netra_ops.deploy.ledger.release import ServiceRelease
from netra_ops.deploy.traffic import WHOLE


class Phase(StrEnum):
    """What has been completed."""

    PLANNED = "planned"
    BUILT = "built"
    STAGED = "staged"
    VERIFIED = "verified"
    SHIFTED = "shifted"  # ``percent`` says how far
    CONFIRMED = "confirmed"
    DRAINED = "drained"
    BAKED = "baked"
    RECORDED = "recorded"
    ABORTED = "aborted"


class Action(StrEnum):
    """What comes next."""

    BUILD = "build"
    STAGE = "stage"
    VERIFY = "verify"
    SHIFT = "shift"
    CONFIRM = "confirm"
    DRAIN = "drain"
    BAKE = "bake"
    RECORD = "record"


_AFTER = {
    Phase.PLANNED: Action.BUILD,
    Phase.BUILT: Action.STAGE,
    Phase.STAGED: Action.VERIFY,
    Phase.VERIFIED: Action.SHIFT,
    Phase.CONFIRMED: Action.DRAIN,
    Phase.DRAINED: Action.BAKE,
    Phase.BAKED: Action.RECORD,
}
_COMPLETES = {
    Action.BUILD: Phase.BUILT,
    Action.STAGE: Phase.STAGED,
    Action.VERIFY: Phase.VERIFIED,
    Action.SHIFT: Phase.SHIFTED,
    Action.CONFIRM: Phase.CONFIRMED,
    Action.DRAIN: Phase.DRAINED,
    Action.BAKE: Phase.BAKED,
    Action.RECORD: Phase.RECORDED,
}


class Candidate(BaseModel):
    """One service of the rollout.

    Attributes:
        role: backend, auth or frontend.
        service: its Cloud Run name.
        image: with digest, once built.
        revision: once staged.
        fallback: the revision that gets the traffic back: of the last verified release, or what
            served before the first deploy; empty for a service that did not exist.
        secrets: version numbers as planned, by the place that refers to the secret.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    service: str
    fallback: str
    image: str = ""
    revision: str = ""
    secrets: Mapping[str, int] = Field(default_factory=dict)


class Rollout(BaseModel):
    """A release in progress; services in the order in which their traffic moves."""

    model_config = ConfigDict(frozen=True)

    release: str
    by: str
    started: datetime
    steps: tuple[int, ...]
    services: tuple[Candidate, ...]
    unchanged: tuple[ServiceRelease, ...] = ()
    reason: str = ""
    phase: Phase = Phase.PLANNED
    percent: int = 0
    evidence: Mapping[str, Any] = Field(default_factory=dict)
    bounds: tuple[float, ...] = ()
    error_classes: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_over(self) -> bool:
        """True when nothing is left to do."""
        return self.phase in {Phase.RECORDED, Phase.ABORTED}

    @property
    def may_serve(self) -> bool:
        """True when the candidate may have traffic: it was verified and not aborted."""
        return self.phase not in {Phase.PLANNED, Phase.BUILT, Phase.STAGED, Phase.ABORTED}


def next_action(rollout: Rollout) -> tuple[Action, int] | None:
    """Return the next action, with the percentage for a shift; None when it is over."""
    if rollout.is_over:
        return None
    if rollout.phase is Phase.SHIFTED and rollout.percent == WHOLE:
        return Action.CONFIRM, WHOLE
    action = _AFTER.get(rollout.phase, Action.SHIFT)
    further = [step for step in (*rollout.steps, WHOLE) if step > rollout.percent]
    return action, further[0] if action is Action.SHIFT else rollout.percent


def completed(rollout: Rollout, action: Action, percent: int = 0, **changes: Any) -> Rollout:
    """Return the rollout after ``action``.

    Raises:
        ValueError: it is not the action that comes next.
    """
    if next_action(rollout) != (action, percent if action is Action.SHIFT else rollout.percent):
        raise ValueError(f"{action} does not follow {rollout.phase} at {rollout.percent} %")
    moved = {"percent": percent} if action is Action.SHIFT else {}
    return rollout.model_copy(update={"phase": _COMPLETES[action], **moved, **changes})


def aborted(rollout: Rollout, note: str) -> Rollout:
    """Return the rollout with its end and the reason; nothing when it is over."""
    if rollout.is_over:
        return rollout
    return rollout.model_copy(update={"phase": Phase.ABORTED, "percent": 0, "note": note})


def resumed(rollout: Rollout) -> Rollout:
    """Return the rollout as ``--resume`` continues it.

    Once aborted, the candidate is staged, which finds its revision, and verified again. The canary
    starts from no evidence: time has passed, and it has no traffic any more.
    """
    if rollout.phase is not Phase.ABORTED:
        return rollout
    built = all(candidate.image for candidate in rollout.services)
    phase = Phase.BUILT if built else Phase.PLANNED
    return rollout.model_copy(update={"phase": phase, "evidence": {}, "bounds": (), "note": ""})
