"""What an access token claims, read without verifying it. Pure.

Only for a diagnosis: whether the signature is good is the server's decision.
Source of the claims: RFC 7519, section 4.1.
"""

import base64
import binascii
from dataclasses import dataclass

import msgspec

from netra_client.diagnosis.findings import Answer

SEGMENTS = 3  # RFC 7515 section 3.1: header, payload, signature
# Above the leeway that verifiers commonly allow, and far above what NTP leaves.
MAX_SKEW_SECONDS = 30.0


class Claims(msgspec.Struct, frozen=True):
    """The claims that decide when a token is accepted; seconds since 1970."""

    exp: float | None = None
    nbf: float | None = None
    iat: float | None = None
    iss: str | None = None


@dataclass(frozen=True, slots=True)
class TokenJudgement:
    """An answer, its evidence and the remedy."""

    answer: Answer
    evidence: str
    remedy: str = ""


def read_claims(token: str) -> Claims | None:
    """Return the claims of a compact JWT, None when it is not one."""
    parts = token.split(".")
    if len(parts) != SEGMENTS:
        return None
    payload = parts[1]
    try:
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return msgspec.json.decode(data, type=Claims)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def judge_token(token: str | None, now: float) -> TokenJudgement:
    """Return whether the times of ``token`` allow its use at ``now`` (server's clock if known)."""
    if token is None:
        return TokenJudgement(Answer.UNKNOWN, "no token was given")
    claims = read_claims(token)
    if claims is None:
        return TokenJudgement(Answer.UNKNOWN, "the token is not a compact JWT; it may be opaque")
    if claims.exp is None:
        return TokenJudgement(Answer.UNKNOWN, "the token has no exp claim")
    if claims.exp <= now:
        evidence = f"it expired {now - claims.exp:.0f} s ago"
        return TokenJudgement(Answer.NO, evidence, "sign in again or refresh the token")
    starts = max(claims.nbf or 0.0, claims.iat or 0.0)
    if starts > now + MAX_SKEW_SECONDS:
        evidence = f"it becomes valid in {starts - now:.0f} s"
        return TokenJudgement(Answer.NO, evidence, "correct the clock of the issuer or the server")
    issuer = f", issued by {claims.iss}" if claims.iss else ""
    return TokenJudgement(Answer.YES, f"it expires in {claims.exp - now:.0f} s{issuer}")


def judge_clock(skew: float | None) -> TokenJudgement:
    """Return whether two clocks agree; ``skew`` is ours minus the server's, seconds."""
    if skew is None:
        return TokenJudgement(Answer.UNKNOWN, "the server sent no Date header")
    evidence = f"this machine is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) <= MAX_SKEW_SECONDS:
        return TokenJudgement(Answer.YES, evidence)
    return TokenJudgement(Answer.NO, evidence, "synchronise this machine's clock (NTP)")
