"""The ledger of an environment: its lock, the rollout in progress and the releases on record.

One value, written as a whole with compare-and-swap, so a lock and what it guards never disagree.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from netra_ops.deploy.errors import DeployLocked, LockLost
from netra_ops.deploy.ledger.lock import Lock
from netra_ops.deploy.ledger.release import Release
from netra_ops.deploy.ledger.rollout import Rollout

# All annotations of a Kubernetes object share 256 KiB; a release takes about 0.6 KiB.
KEPT_RELEASES = 30


class Ledger(BaseModel):
    """Everything that deploys of one environment remember."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    lock: Lock | None = None
    rollout: Rollout | None = None
    releases: tuple[Release, ...] = ()


def acquire(ledger: Ledger, lock: Lock, *, break_reason: str = "") -> Ledger:
    """Return the ledger with ``lock`` held.

    Args:
        ledger: as read.
        lock: the new holder.
        break_reason: breaks a lock that is held, if given; a stale one breaks without it.

    Raises:
        DeployLocked: a living deploy holds it.
    """
    held = ledger.lock
    if held and held.token != lock.token and not (held.is_stale(lock.renewed) or break_reason):
        raise DeployLocked(
            f"a deploy is in progress: {held.describe(lock.renewed)}",
            remedy="wait for it; if it is dead, add --break-lock REASON",
            holder=held.who,
        )
    return ledger.model_copy(update={"lock": lock})


def renew(ledger: Ledger, token: str, now: datetime) -> Ledger:
    """Return the ledger with a new sign of life of the holder.

    Raises:
        LockLost: someone else holds it now.
    """
    lock = require(ledger, token)
    return ledger.model_copy(update={"lock": lock.model_copy(update={"renewed": now})})


def release(ledger: Ledger, token: str) -> Ledger:
    """Return the ledger without the lock, if ``token`` holds it."""
    if ledger.lock is None or ledger.lock.token != token:
        return ledger
    return ledger.model_copy(update={"lock": None})


def require(ledger: Ledger, token: str) -> Lock:
    """Return the lock that ``token`` holds.

    Raises:
        LockLost: it was broken, so another deploy may work here now.
    """
    if ledger.lock is None or ledger.lock.token != token:
        holder = ledger.lock.who if ledger.lock else "no one"
        raise LockLost(
            f"this deploy has lost its lock; {holder} holds it now",
            remedy="find out who broke it, then: netra release status",
        )
    return ledger.lock


def renamed(ledger: Ledger, names: Mapping[str, str]) -> Ledger:
    """Return the ledger with other revisions for the same images: an old one was repeated."""
    releases = tuple(
        release.model_copy(
            update={
                "services": tuple(
                    one.model_copy(update={"revision": names.get(one.revision, one.revision)})
                    for one in release.services
                )
            }
        )
        for release in ledger.releases
    )
    return ledger.model_copy(update={"releases": releases})


def record(ledger: Ledger, entry: Release) -> Ledger:
    """Return the ledger with a release added; one with the same id is replaced."""
    others = tuple(one for one in ledger.releases if one.id != entry.id)
    return ledger.model_copy(update={"releases": (*others, entry)[-KEPT_RELEASES:]})
