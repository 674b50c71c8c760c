"""The values of a diagnosis: questions, answers and the cause. No I/O."""

from dataclasses import dataclass, field
from enum import StrEnum


class Answer(StrEnum):
    """The answer to one question. Every question is phrased so that ``yes`` is healthy."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Refuser(StrEnum):
    """Which part answered instead of opening the socket."""

    BACKEND = "backend"
    EDGE = "edge"
    CLOUD_RUN = "cloud-run"
    CLOUD_RUN_IAM = "cloud-run-iam"
    CLOUD_ARMOR = "cloud-armor"
    GOOGLE = "google"  # Google's front end; the answer does not show which part of it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question.

    Args:
        check: stable name, for example ``upgrade``.
        question: what was asked.
        answer: yes, no or unknown.
        evidence: what was observed; no credential.
        remedy: what to do when the answer is no.
        milliseconds: how long the check took.
    """

    check: str
    question: str
    answer: Answer
    evidence: str
    remedy: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings about one URL, in the order in which a connection meets them.

    Args:
        url: of the socket, without credentials.
        findings: one for each question.
        refused_by: who refused the upgrade; None when no one did.
        is_credential_refused: the refusal was about the credential (401, or a close with 4401).
    """

    url: str
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    refused_by: Refuser | None = None
    is_credential_refused: bool = False

    @property
    def cause(self) -> Finding | None:
        """The first ``no`` that explains the failure; what follows it can be its consequence.

        Never an ``unknown``. A wrong clock or token explains nothing but a refused credential, and
        a server that answers no plain HTTP can still be a good WebSocket server.
        """
        return next((one for one in self.findings if self._explains(one)), None)

    def _explains(self, finding: Finding) -> bool:
        if finding.answer is not Answer.NO:
            return False
        if finding.check in {"clock", "token"}:
            return self.is_credential_refused
        if finding.check == "http":
            return self.of("upgrade").answer is not Answer.YES
        return True

    @property
    def is_healthy(self) -> bool:
        """Whether no question was answered with ``no``."""
        return self.cause is None

    def of(self, check: str) -> Finding:
        """Return the finding called ``check``.

        Raises:
            KeyError: there is none.
        """
        for finding in self.findings:
            if finding.check == check:
                return finding
        raise KeyError(check)
