"""What every step of a rollout needs: the target, the choices, the journal."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from netra_ops.deploy.build.builder import Builder
from netra_ops.deploy.ledger import ledger as ledgers
from netra_ops.deploy.ledger.ledger import Ledger
from netra_ops.deploy.ledger.lock import Lock
from netra_ops.deploy.ledger.rollout import Rollout
from netra_ops.deploy.progress import Listener, Step
from netra_ops.deploy.target import Target
from netra_ops.deploy.verdict.judge import Policy

WATCH_SECONDS = 120.0
BAKE_SECONDS = 120.0


@dataclass(frozen=True)
class Choices:
    """Options of a deploy.

    Attributes:
        steps: percentages of the shift; 100 is added.
        policy: how the canary is judged.
        watch_seconds: deadline for a verdict at each step.
        bake_seconds: how long the release serves everything before it counts as verified.
        attempts: synthetic attempts on each arm in each interval.
        drain: how sockets leave the former release: pace, finish or now.
        drain_per_second: how many leave an instance per second.
        force_rebuild: build again although the sources are unchanged.
        allow_skew: the reason for a page and a backend with different protocol versions.
        allow_migration: the reason for a migration that the former release does not suit.
        break_lock: the reason for breaking another deploy's lock.
        reason: why this deploy is made.
        frontend_digest: of the pages that this deploy brings; empty when it brings none.
    """

    steps: tuple[int, ...] = (10, 50)
    policy: Policy = field(default_factory=Policy)
    watch_seconds: float = WATCH_SECONDS
    bake_seconds: float = BAKE_SECONDS
    attempts: int = 10
    drain: str = "pace"
    drain_per_second: float = 40.0
    force_rebuild: bool = False
    allow_skew: str = ""
    allow_migration: str = ""
    break_lock: str = ""
    reason: str = ""
    frontend_digest: str = ""


@dataclass(frozen=True)
class Context:
    """A deploy at work.

    Attributes:
        target: where.
        choices: how.
        builder: makes images.
        listen: gets every event.
        token: of the lock that this deploy holds.
        who: of the lock.
    """

    target: Target
    choices: Choices
    builder: Builder
    listen: Listener
    who: str
    token: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    def step(self, name: str, text: str = "") -> Step:
        """Report the start of a step and return it."""
        return Step(name, self.listen).start(text)

    def acquire(self, change: Callable[[Ledger], Ledger]) -> Ledger:
        """Take the lock and change the ledger in the same write.

        Raises:
            DeployLocked: another deploy holds the lock.
        """
        lock = Lock(
            token=self.token, who=self.who, why=self.choices.reason, since=now(), renewed=now()
        )
        reason = self.choices.break_lock
        return self.target.ledger.update(
            lambda ledger: change(ledgers.acquire(ledger, lock, break_reason=reason))
        )

    def journal(self, rollout: Rollout) -> Rollout:
        """Write how far the rollout is, with a sign of life.

        Raises:
            LockLost: another deploy works here now.
        """
        self.write(lambda ledger: ledger.model_copy(update={"rollout": rollout}))
        return rollout

    def write(self, change: Callable[[Ledger], Ledger]) -> Ledger:
        """Change the ledger while the lock is held.

        Raises:
            LockLost: another deploy works here now.
        """
        return self.target.ledger.update(
            lambda ledger: change(ledgers.renew(ledger, self.token, now()))
        )

    def release_lock(self) -> None:
        """Give the lock back, if it is still ours."""
        self.target.ledger.update(lambda ledger: ledgers.release(ledger, self.token))


def now() -> datetime:
    """Return the time as the ledger keeps it."""
    return datetime.now(UTC)
