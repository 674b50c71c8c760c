"""The phases of signing keys, computed from the keys' times.

A key has one stored time: when it starts to sign (``signs_from``). The phases follow from it::

    published ──────► signs ──────────────► retired ──────────────► withdrawn
              lead          until the next            last token signed with it
              time          key's signs_from          has expired, plus margin

All instances compute the same result from the same rows and need no coordination. A key is
published for ``lead`` before it signs, so that the cached JWKS of every verifier contains it when
the first token arrives, and for ``linger`` after it has stopped signing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest


class KeyPhase(StrEnum):
    """The phase of a key."""

    NEXT = "next"
    SIGNING = "signing"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """The id of a key (its RFC 7638 thumbprint) and when it starts to sign."""

    kid: str
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """The period of a key and its two overlaps.

    Args:
        period: how long one key signs.
        lead: how long a key is published before it signs; more than the age of any cached JWKS plus
        the age of any instance's copy of the ring.
        linger: how long a key stays published after its successor starts to sign; more than the
        lifetime of a token plus the age of an instance's copy of the ring.
    """

    period: timedelta
    lead: timedelta
    linger: timedelta


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """The changes: create a key that signs from ``create``, delete the keys in ``withdraw``."""

    create: datetime | None = None
    withdraw: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to change."""
        return self.create is None and not self.withdraw


def signing_key(keys: Iterable[KeyTimes], now: datetime) -> KeyTimes | None:
    """Return the key that signs at ``now``: the newest one that has started."""
    started = [key for key in keys if key.signs_from <= now]
    return max(started, key=_order, default=None)


def phases(
    keys: Iterable[KeyTimes], now: datetime, policy: RotationPolicy
) -> dict[str, tuple[KeyPhase, datetime | None]]:
    """Return each key's phase by ``kid``, and when that phase ends (``None``: unknown)."""
    ordered = sorted(keys, key=_order)
    found: dict[str, tuple[KeyPhase, datetime | None]] = {}
    for key, successor in zip_longest(ordered, ordered[1:]):
        ends = successor.signs_from if successor else None
        if key.signs_from > now:
            found[key.kid] = (KeyPhase.NEXT, key.signs_from)
        elif ends is None or ends > now:
            found[key.kid] = (KeyPhase.SIGNING, ends)
        elif ends + policy.linger > now:
            found[key.kid] = (KeyPhase.RETIRED, ends + policy.linger)
        else:
            found[key.kid] = (KeyPhase.WITHDRAWN, None)
    return found


def plan_rotation(
    keys: Iterable[KeyTimes], now: datetime, policy: RotationPolicy, *, asked: bool = False
) -> RotationPlan:
    """Return the changes due at ``now``; after they are applied, no further change is due.

    Args:
        keys: the ring as stored.
        now: aware.
        policy: period and overlaps.
        asked: an operator requests a new key; ignored while a next key is published.
    """
    ring = list(keys)
    by_phase = phases(ring, now, policy)
    withdraw = tuple(kid for kid, (phase, _) in by_phase.items() if phase is KeyPhase.WITHDRAWN)
    current = signing_key(ring, now)
    waiting = any(phase is KeyPhase.NEXT for phase, _ in by_phase.values())
    if current is None:
        # No key can sign, so there is no lead; verifiers fetch an unknown kid immediately.
        return RotationPlan(create=now, withdraw=withdraw)
    if waiting:
        return RotationPlan(withdraw=withdraw)
    due = current.signs_from + policy.period
    if asked:
        return RotationPlan(create=now + policy.lead, withdraw=withdraw)
    if now >= due - policy.lead:
        # The lead also applies when the rotation is overdue because no instance was running.
        return RotationPlan(create=max(due, now + policy.lead), withdraw=withdraw)
    return RotationPlan(withdraw=withdraw)


def plan_emergency(keys: Iterable[KeyTimes], now: datetime) -> RotationPlan:
    """Return the plan after a leak: a new key signs immediately and every other key is withdrawn.

    Existing access tokens are refused when the verifiers' caches expire; refresh tokens stay valid.
    """
    return RotationPlan(create=now, withdraw=tuple(key.kid for key in keys))


def _order(key: KeyTimes) -> tuple[datetime, str]:
    return key.signs_from, key.kid  # the id decides between equal times, on every instance alike
