"""What a row of the checklist asserted. A row without an assertion cannot pass, by type. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a row ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible here"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One assertion.

    Args:
        demanded: what must hold.
        seen: what was observed, with its numbers; no credential.
        holds: whether it did.
    """

    demanded: str
    seen: str
    holds: bool


class NothingAsserted(Exception):
    """A row ended without a single assertion; the row fails."""


@dataclass(frozen=True, slots=True, init=False)
class Judged:
    """The assertions of a row, at least one; it passes when all hold."""

    evidence: tuple[Evidence, ...]

    def __init__(self, first: Evidence, *more: Evidence) -> None:
        object.__setattr__(self, "evidence", (first, *more))

    @property
    def verdict(self) -> Verdict:
        """``PASSED`` when every assertion holds."""
        return Verdict.PASSED if all(one.holds for one in self.evidence) else Verdict.FAILED


@dataclass(frozen=True, slots=True)
class NotPossible:
    """The row cannot be executed here.

    Args:
        reason: what is absent, and the remedy.
    """

    reason: str


Finding = Judged | NotPossible


def judged(evidence: Iterable[Evidence]) -> Judged:
    """Return the judgement over collected assertions.

    Raises:
        NothingAsserted: there is none.
    """
    match tuple(evidence):
        case (first, *more):
            return Judged(first, *more)
        case _:
            raise NothingAsserted
