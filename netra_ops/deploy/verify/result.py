"""The result of one check, in a form that explains itself."""

from dataclasses import dataclass
from enum import StrEnum


class Judgement(StrEnum):
    """Whether a check passed, or could not be made here."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not-possible"


@dataclass(frozen=True)
class CheckResult:
    """One check.

    Attributes:
        name: short, such as ``readiness``.
        judgement: its outcome.
        expected: what a sound release shows.
        seen: what this one shows.
        command: what an operator can type to look closer.
    """

    name: str
    judgement: Judgement
    expected: str
    seen: str
    command: str = ""

    @property
    def failed(self) -> bool:
        """True when the release must not serve."""
        return self.judgement is Judgement.FAILED

    def describe(self) -> str:
        """Return one line."""
        if self.judgement is Judgement.PASSED:
            return f"{self.name}: {self.seen}"
        if self.judgement is Judgement.NOT_POSSIBLE:
            return f"{self.name}: not possible here: {self.seen}"
        return f"{self.name}: expected {self.expected}, seen {self.seen}"


def judged(
    name: str,
    passed: bool,  # noqa: FBT001  # the outcome of the check, computed right at the call
    *,
    expected: str,
    seen: str,
    command: str = "",
) -> CheckResult:
    """Return a result that passed or failed."""
    judgement = Judgement.PASSED if passed else Judgement.FAILED
    return CheckResult(name, judgement, expected, seen, command)
