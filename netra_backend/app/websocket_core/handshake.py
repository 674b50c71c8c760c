"""The upgrade request as a value: what it offers, who it claims to be, how it is answered.

Pure. Rules: RFC 6455 section 4.1 (subprotocol tokens) and 4.2.2 (the server selects one that
was offered), RFC 9110 section 5.6 (list syntax), RFC 6750 section 2.1 (Bearer). No function
here puts a credential into an error or a representation.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from netra_backend.app.websocket_core.close_codes import CloseCode, close_code_for
from netra_backend.app.websocket_core.errors import (
    BadHandshake,
    ConflictingCredentials,
    CredentialMissing,
    OriginForbidden,
)
from netra_shared.errors import NetraError, TokenInvalid

SUBPROTOCOL: Final = "jwt-auth"
JWT_PREFIX: Final = "jwt."
TICKET_PREFIX: Final = "ticket."
MAX_OFFERED: Final = 16  # a real client offers two; more is work for an attacker

# RFC 6455 section 4.1, item 10: U+0021 to U+007E without the separators of RFC 2616.
_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z|~]+")
_COMPACT_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TICKET = re.compile(r"[A-Za-z0-9_-]{16,256}")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Credential:
    """A compact JWT or an opaque single-use ticket; the value never shows in a repr."""

    kind: Literal["jwt", "ticket"]
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """The raw facts of a handshake that decide how it can be answered, right or wrong."""

    protocol_lines: tuple[str, ...] = field(repr=False)
    authorization_lines: tuple[str, ...] = field(repr=False)
    origins: tuple[str, ...]

    @property
    def offers_jwt_auth(self) -> bool:
        """Whether ``jwt-auth`` stands in the offer, however wrong the rest is."""
        return any(
            entry.strip(" \t") == SUBPROTOCOL
            for line in self.protocol_lines
            for entry in line.split(",")
        )

    @property
    def is_browser(self) -> bool:
        """Only browsers send ``Origin`` with an upgrade; they can read nothing but the close."""
        return bool(self.origins)


@dataclass(frozen=True, slots=True)
class Accept:
    """Upgrade, selecting ``subprotocol`` (``None``: none was offered that we speak)."""

    subprotocol: str | None
    credential: Credential


@dataclass(frozen=True, slots=True)
class RefuseHttp:
    """Answer with ``error`` as a problem document and its HTTP status, without an upgrade."""

    error: NetraError


@dataclass(frozen=True, slots=True)
class UpgradeThenClose:
    """Upgrade and close at once: a browser can read a close code, but no HTTP status."""

    subprotocol: str
    close: CloseCode
    error: NetraError


def read_upgrade(headers: Headers) -> UpgradeRequest:
    """Collect the deciding headers; names are compared without case, order is kept."""
    found: dict[bytes, list[str]] = {
        b"sec-websocket-protocol": [],
        b"authorization": [],
        b"origin": [],
    }
    for name, value in headers:
        if (values := found.get(name.lower())) is not None:
            values.append(value.decode("latin-1"))
    return UpgradeRequest(
        protocol_lines=tuple(found[b"sec-websocket-protocol"]),
        authorization_lines=tuple(found[b"authorization"]),
        origins=tuple(found[b"origin"]),
    )


def examine(request: UpgradeRequest, allowed_origins: Collection[str]) -> Accept:
    """Return how to accept ``request`` once its credential has been verified.

    Raises:
        BadHandshake: a header breaks its syntax.
        ConflictingCredentials: two credentials that differ.
        OriginForbidden: ``Origin`` is present and not exactly one of ``allowed_origins``.
        CredentialMissing: nothing says who is calling.
        TokenInvalid: what says so is not even shaped like a token.
    """
    entries = parse_subprotocols(request.protocol_lines)
    _check_origin(request.origins, allowed_origins)
    offered = _offered_credentials(entries)
    if offered and SUBPROTOCOL not in entries:
        # A browser would fail the connection anyway: nothing could be selected.
        raise BadHandshake(f"A credential is offered without the subprotocol {SUBPROTOCOL!r}.")
    credentials = {*offered, *_bearer(request.authorization_lines)}
    if len(credentials) > 1:
        raise ConflictingCredentials("The request carries two credentials that differ.")
    if not credentials:
        raise CredentialMissing(
            "Offer `jwt-auth, jwt.<token>` or `jwt-auth, ticket.<ticket>`, or send a Bearer token."
        )
    return Accept(SUBPROTOCOL if SUBPROTOCOL in entries else None, credentials.pop())


def refuse(request: UpgradeRequest, error: NetraError) -> RefuseHttp | UpgradeThenClose:
    """Return how to tell this client about ``error`` so that it can read it."""
    if request.offers_jwt_auth and request.is_browser:
        return UpgradeThenClose(SUBPROTOCOL, close_code_for(error), error)
    return RefuseHttp(error)


def parse_subprotocols(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the entries of all ``Sec-WebSocket-Protocol`` lines, in order.

    Several lines are one list (RFC 9110 section 5.3); empty elements are ignored (5.6.1.2).

    Raises:
        BadHandshake: an entry is not a token, stands twice, or there are too many.
    """
    entries: list[str] = []
    for line in lines:
        for element in line.split(","):
            entry = element.strip(" \t")
            if not entry:
                continue
            if not _TOKEN.fullmatch(entry):
                raise BadHandshake(
                    "An entry of Sec-WebSocket-Protocol has a character that RFC 6455 section "
                    "4.1 forbids; base64 must be unpadded base64url."
                )
            if entry in entries:
                raise BadHandshake("An entry stands twice in Sec-WebSocket-Protocol.")
            entries.append(entry)
            if len(entries) > MAX_OFFERED:
                raise BadHandshake(f"More than {MAX_OFFERED} subprotocols are offered.")
    return tuple(entries)


def decode_jwt_entry(value: str) -> str:
    """Return the compact JWT in ``value``: itself, or its unpadded base64url.

    Raises:
        TokenInvalid: neither.
    """
    if _COMPACT_JWT.fullmatch(value):
        return value
    try:
        padded = value + "=" * (-len(value) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _not_a_token() from error
    if not _COMPACT_JWT.fullmatch(decoded):
        raise _not_a_token()
    return decoded


def _not_a_token() -> TokenInvalid:
    return TokenInvalid("The credential is neither a compact JWT nor its unpadded base64url.")


def _offered_credentials(entries: Iterable[str]) -> set[Credential]:
    credentials: set[Credential] = set()
    for entry in entries:
        if entry.startswith(JWT_PREFIX):
            credentials.add(Credential("jwt", decode_jwt_entry(entry.removeprefix(JWT_PREFIX))))
        elif entry.startswith(TICKET_PREFIX):
            ticket = entry.removeprefix(TICKET_PREFIX)
            if not _TICKET.fullmatch(ticket):
                raise TokenInvalid("The ticket does not have the shape of one.")
            credentials.add(Credential("ticket", ticket))
    return credentials


def _bearer(lines: tuple[str, ...]) -> set[Credential]:
    if not lines:
        return set()
    if len(lines) > 1:
        raise BadHandshake("The Authorization header stands more than once.")
    scheme, _, token = lines[0].strip().partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid("The Authorization scheme must be Bearer.")
    if not _COMPACT_JWT.fullmatch(token.strip(" ")):
        raise _not_a_token()
    return {Credential("jwt", token.strip(" "))}


def _check_origin(origins: tuple[str, ...], allowed: Collection[str]) -> None:
    if len(origins) > 1:
        raise BadHandshake("The Origin header stands more than once.")
    if origins and origins[0] not in allowed:
        raise OriginForbidden("The page's origin may not open a socket here.")
