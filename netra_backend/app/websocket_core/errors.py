"""Errors of the socket gateway, each a leaf of the one tree in ``netra_shared.errors``."""

from netra_shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InternalError,
    InvalidRequest,
    RateLimited,
    RetryClass,
    TokenInvalid,
    Unauthenticated,
    Unavailable,
)


class BadHandshake(InvalidRequest):
    """The upgrade request breaks RFC 6455 or our own rules for its headers."""

    code = "bad_handshake"
    title = "Handshake refused"


class ConflictingCredentials(BadHandshake):
    """The request carries two credentials that differ."""

    code = "conflicting_credentials"
    title = "Two different credentials"


class CredentialMissing(Unauthenticated):
    """The upgrade request carries no credential."""

    code = "credential_missing"
    title = "No credential"


class TicketInvalid(Unauthenticated):
    """The socket ticket is unknown, spent or older than a minute."""

    code = "ticket_invalid"
    title = "Ticket refused"


class SessionRevoked(Unauthenticated):
    """The user signed out; a refreshed token of the same session does not help."""

    code = "session_revoked"
    retry = RetryClass.NEVER
    title = "Session revoked"


class OriginForbidden(Forbidden):
    """The browser's origin is not on the allow-list."""

    code = "origin_forbidden"
    title = "Origin not allowed"


class TooManyConnections(RateLimited):
    """The user or the instance holds as many connections as it may."""

    code = "too_many_connections"
    title = "Too many connections"


class AdmissionDeferred(Unavailable):
    """More handshakes arrive than the instance admits per second; come back at the hint."""

    code = "admission_deferred"
    title = "Too many handshakes at once"


class TooManySubscriptions(Conflict):
    """The connection subscribes to as many threads as it may."""

    code = "too_many_subscriptions"
    title = "Too many subscriptions"


class CommandTimeout(DeadlineExceeded):
    """A command did not finish within ``command_seconds``; it may yet take effect."""

    code = "command_timeout"
    title = "Command timed out"


class ForeignToken(TokenInvalid):
    """``token.refresh`` brought a token of another user or session."""

    code = "token_invalid"
    title = "Token of another session"


class IllegalTransition(InternalError):
    """A connection record was asked to go where its state machine has no edge."""

    code = "illegal_transition"
    title = "Illegal connection state transition"


class StreamUnavailable(Unavailable):
    """The stream store does not answer, or the local buffer for its absence is full."""

    code = "stream_unavailable"
    title = "Event stream unavailable"


class EventTooLarge(InvalidRequest):
    """An event exceeds ``max_event_bytes``; it would stall every reader behind it."""

    code = "event_too_large"
    title = "Event too large"


class NotInitialized(Conflict):
    """``initialize`` must be the first command, and is executed once."""

    code = "not_initialized"
    title = "Not initialized"


class UnsupportedProtocolVersion(InvalidRequest):
    """The client wants a version of the protocol that this revision does not speak."""

    code = "unsupported_protocol_version"
    title = "Protocol version not supported"


class UpgradeRequired(InvalidRequest):
    """A plain HTTP request reached a socket's address."""

    code = "upgrade_required"
    status = 426
    title = "Upgrade required"


class HeaderInjection(InternalError):
    """A header that was about to be sent contains a line break."""

    code = "header_injection"
    title = "Header refused"
