"""The upgrade request as a value: its offers, its credential and its answer.

Pure. Rules: RFC 6455 section 4.1 (subprotocol tokens) and 4.2.2 (the server selects one that
was offered), RFC 9110 section 5.6 (list syntax), RFC 6750 section 2.1 (Bearer). No function here
puts a credential into an error or a representation.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from netra_backend.app.websocket_core.close_codes import CloseCode, close_code_for
from netra_backend.app.websocket_core.errors import (
    BadHandshake,
    ConflictingCredentials,
    CredentialMissing,
)
from netra_shared.errors import NetraError, OriginForbidden, TokenInvalid
from netra_shared.http.edge_headers import FROM_EDGE

SUBPROTOCOL: Final = "jwt-auth"
JWT_PREFIX: Final = "jwt."
TICKET_PREFIX: Final = "ticket."
MAX_OFFERED: Final = 16  # a client needs two; the bound limits the work per request

# RFC 6455 section 4.1, item 10: U+0021 to U+007E without the separators of RFC 2616.
_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z|~]+")
_COMPACT_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TICKET = re.compile(r"[A-Za-z0-9_-]{16,256}")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Credential:
    """A compact JWT or an opaque single-use ticket; ``repr`` omits the value."""

    kind: Literal["jwt", "ticket"]
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """The headers of a handshake that determine its answer."""

    protocol_lines: tuple[str, ...] = field(repr=False)
    authorization_lines: tuple[str, ...] = field(repr=False)
    origins: tuple[str, ...]

    @property
    def offers_jwt_auth(self) -> bool:
        """Whether ``jwt-auth`` is offered, even if another entry is invalid."""
        return any(
            entry.strip(" \t") == SUBPROTOCOL
            for line in self.protocol_lines
            for entry in line.split(",")
        )

    @property
    def is_browser(self) -> bool:
        """Whether ``Origin`` is present: a browser, which can read only the close frame."""
        return bool(self.origins)


@dataclass(frozen=True, slots=True)
class Accept:
    """Upgrade with ``subprotocol`` (``None``: no supported one was offered)."""

    subprotocol: str | None
    credential: Credential


@dataclass(frozen=True, slots=True)
class RefuseHttp:
    """Answer with ``error`` as a problem document instead of an upgrade."""

    error: NetraError


@dataclass(frozen=True, slots=True)
class UpgradeThenClose:
    """Upgrade and close immediately: a browser can read a close code, but no HTTP status."""

    subprotocol: str
    close: CloseCode
    error: NetraError


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the client's address: the edge appends it to ``X-Forwarded-For``.

    The load balancer adds the client and itself, so the client is the last entry but one
    (https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header); entries before it
    are written by the client. Without the edge the peer is the client.
    """
    peer = (scope.get("client") or ("",))[0]
    if not scope.get(FROM_EDGE):
        return str(peer)
    entries = [
        entry.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for entry in value.decode("latin-1").split(",")
    ]
    return entries[-2] if len(entries) > 1 else entries[-1] if entries else str(peer)


def read_upgrade(headers: Headers) -> UpgradeRequest:
    """Return the relevant headers; names are case-insensitive, the order is preserved."""
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
    """Return how to accept ``request`` after its credential has been verified.

    Raises:
        BadHandshake: a header has invalid syntax.
        ConflictingCredentials: two credentials that differ.
        OriginForbidden: ``Origin`` is present and not exactly one of ``allowed_origins``.
        CredentialMissing: there is no credential.
        TokenInvalid: the credential is malformed.
    """
    entries = parse_subprotocols(request.protocol_lines)
    _check_origin(request.origins, allowed_origins)
    offered = _offered_credentials(entries)
    if offered and SUBPROTOCOL not in entries:
        # A browser would fail the connection, because no subprotocol could be selected.
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
    """Return the answer that reports ``error`` in a form that this client can read."""
    if request.offers_jwt_auth and request.is_browser:
        return UpgradeThenClose(SUBPROTOCOL, close_code_for(error), error)
    return RefuseHttp(error)


def parse_subprotocols(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the entries of all ``Sec-WebSocket-Protocol`` lines, in order.

    Several lines are one list (RFC 9110 section 5.3); empty elements are ignored (5.6.1.2).

    Raises:
        BadHandshake: an entry is not a token or duplicate, or there are too many entries.
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
                raise BadHandshake("Duplicate subprotocol in Sec-WebSocket-Protocol.")
            entries.append(entry)
            if len(entries) > MAX_OFFERED:
                raise BadHandshake(f"More than {MAX_OFFERED} subprotocols offered.")
    return tuple(entries)


def decode_jwt_entry(value: str) -> str:
    """Return the compact JWT in ``value``: the value itself, or decoded from unpadded base64url.

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
                raise TokenInvalid("Malformed ticket: expected 16 to 256 base64url characters.")
            credentials.add(Credential("ticket", ticket))
    return credentials


def _bearer(lines: tuple[str, ...]) -> set[Credential]:
    if not lines:
        return set()
    if len(lines) > 1:
        raise BadHandshake("Duplicate Authorization header.")
    scheme, _, token = lines[0].strip().partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid("The Authorization scheme must be Bearer.")
    if not _COMPACT_JWT.fullmatch(token.strip(" ")):
        raise _not_a_token()
    return {Credential("jwt", token.strip(" "))}


def _check_origin(origins: tuple[str, ...], allowed: Collection[str]) -> None:
    if len(origins) > 1:
        raise BadHandshake("Duplicate Origin header.")
    if origins and origins[0] not in allowed:
        raise OriginForbidden("The origin of the page is not on the allow-list.")
