"""The opening handshake as values: what is offered, and what an HTTP refusal means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from netra_client.codes import RetryClass
from netra_client.errors import HandshakeRefused, HttpRefused

SUBPROTOCOL = "jwt-auth"


class Credential(StrEnum):
    """How the socket proves who it is; in every case in headers, never in the URL."""

    SUBPROTOCOL = "subprotocol"  # the only way that a browser has
    BEARER = "bearer"
    TICKET = "ticket"  # single use, fetched for each connection


@dataclass(frozen=True, slots=True)
class Offer:
    """What the client puts into the upgrade request."""

    subprotocols: tuple[str, ...] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def offer_token(credential: Credential, token: str) -> Offer:
    """Return the offer for an access token (or a ticket, for ``Credential.TICKET``)."""
    if credential is Credential.BEARER:
        return Offer((SUBPROTOCOL,), {"Authorization": f"Bearer {token}"})
    prefix = "ticket" if credential is Credential.TICKET else "jwt"
    return Offer((SUBPROTOCOL, f"{prefix}.{token}"), {})


class Problem(msgspec.Struct, frozen=True):
    """A problem document (RFC 9457) with Netra's members; ``retry_after`` in seconds."""

    title: str = ""
    detail: str = ""
    code: str = ""
    retry: str = ""
    retry_after: float | None = None


def read_problem(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return the problem in an HTTP answer, or the best description when it has none.

    A proxy in between answers without a problem document; then the status alone decides what
    may be retried: 401 after a refresh, 408, 425, 429 and every 5xx later, the rest never.
    """
    found = Problem()
    if "json" in headers.get("content-type", ""):
        try:
            found = msgspec.json.decode(body, type=Problem)
        except msgspec.MsgspecError:
            found = Problem(detail="The answer has an unreadable problem document")
    known = {item.value for item in RetryClass}
    retry_after = found.retry_after
    if retry_after is None:
        retry_after = _seconds(headers.get("retry-after"))
    return Problem(
        title=found.title or f"HTTP {status}",
        detail=found.detail or found.title or f"HTTP {status}",
        code=found.code or f"http_{status}",
        retry=found.retry if found.retry in known else _retry_of_status(status).value,
        retry_after=retry_after,
    )


def handshake_refused(status: int, headers: Mapping[str, str], body: bytes) -> HandshakeRefused:
    """Return the exception for an HTTP answer in place of the upgrade."""
    problem = read_problem(status, headers, body)
    return HandshakeRefused(
        status,
        problem.detail,
        code=problem.code,
        retry=RetryClass(problem.retry),
        retry_after=problem.retry_after,
    )


def http_refused(status: int, headers: Mapping[str, str], body: bytes) -> HttpRefused:
    """Return the exception for an HTTP error."""
    problem = read_problem(status, headers, body)
    return HttpRefused(
        status,
        problem.detail,
        code=problem.code,
        retry=RetryClass(problem.retry),
        retry_after=problem.retry_after,
    )


def _retry_of_status(status: int) -> RetryClass:
    if status == 401:  # noqa: PLR2004  the number is the name
        return RetryClass.AFTER_REFRESH
    if status in {408, 425, 429} or status >= 500:  # noqa: PLR2004  RFC 9110 and RFC 6585
        return RetryClass.BACKOFF
    return RetryClass.NEVER


def _seconds(header: str | None) -> float | None:
    # RFC 9110 section 10.2.3 also allows a date, which no server of ours sends.
    return float(header) if header is not None and header.isdecimal() else None
