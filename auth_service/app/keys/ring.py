"""The life of signing keys, as a value computed from the keys' times alone.

A key has one decided time: when it begins to sign (``signs_from``). Everything else follows::

    published ──────► signs ──────────────► retired ──────────────► withdrawn
              lead          until the next            last token signed with it
              time          key's signs_from          has expired, plus margin

Since every instance derives the same answer from the same rows, they agree without talking. A key
is published for ``lead`` before it signs, so that every verifier's cached JWKS already holds it
when the first token arrives, and stays published for ``linger`` after it has stopped signing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest


class KeyPhase(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"
    SIGNING = "signing"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """One key's id (its RFC 7638 thumbprint) and when it begins to sign."""

    kid: str
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """How long a key signs, and the two overlaps.

    Args:
        period: for which one key signs.
        lead: for which a key is published before it signs. Above the age of any cached JWKS
            plus the age of any instance's view of the keys.
        linger: for which a key stays published after its successor began to sign. Above the
            life of a token plus the age of an instance's view, whose old key signs that long.
    """

    period: timedelta
    lead: timedelta
    linger: timedelta


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """What to change: begin a key that signs from ``create``, delete the keys in ``withdraw``."""

    create: datetime | None = None
    withdraw: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when the ring is as it should be."""
        return self.create is None and not self.withdraw


def signing_key(keys: Iterable[KeyTimes], now: datetime) -> KeyTimes | None:
    """Return the key that signs at ``now``: the newest that has begun."""
    begun = [key for key in keys if key.signs_from <= now]
    return max(begun, key=_order, default=None)


def phases(
    keys: Iterable[KeyTimes], now: datetime, policy: RotationPolicy
) -> dict[str, tuple[KeyPhase, datetime | None]]:
    """Return each key's phase by ``kid``, and when that phase ends (``None``: not known yet)."""
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
    """Return what the ring needs at ``now``; applying it and planning again yields nothing.

    Args:
        keys: the ring as stored.
        now: aware.
        policy: period and overlaps.
        asked: an operator wants a new key now; ignored while a next key is already waiting.
    """
    ring = list(keys)
    by_phase = phases(ring, now, policy)
    withdraw = tuple(kid for kid, (phase, _) in by_phase.items() if phase is KeyPhase.WITHDRAWN)
    current = signing_key(ring, now)
    waiting = any(phase is KeyPhase.NEXT for phase, _ in by_phase.values())
    if current is None:
        # Nothing can sign, so the lead cannot be kept; verifiers fetch an unknown kid on sight.
        return RotationPlan(create=now, withdraw=withdraw)
    if waiting:
        return RotationPlan(withdraw=withdraw)
    due = current.signs_from + policy.period
    if asked:
        return RotationPlan(create=now + policy.lead, withdraw=withdraw)
    if now >= due - policy.lead:
        # Overdue (nobody was running) makes no exception from the lead.
        return RotationPlan(create=max(due, now + policy.lead), withdraw=withdraw)
    return RotationPlan(withdraw=withdraw)


def plan_emergency(keys: Iterable[KeyTimes], now: datetime) -> RotationPlan:
    """Return the plan after a leak: a new key signs at once and every other is withdrawn.

    Every access token dies when the verifiers' caches run out; refresh tokens go on.
    """
    return RotationPlan(create=now, withdraw=tuple(key.kid for key in keys))


def _order(key: KeyTimes) -> tuple[datetime, str]:
    return key.signs_from, key.kid  # the id decides between equal times, the same everywhere
