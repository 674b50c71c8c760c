"""Errors of the socket gateway, each a leaf of the one tree in ``netra_shared.errors``."""

from netra_shared.errors import (
    Conflict,
    DeadlineExceeded,
    InternalError,
    InvalidRequest,
    RateLimited,
    Unauthenticated,
    Unavailable,
)


class BadHandshake(InvalidRequest):
    """The upgrade request violates RFC 6455 or the rules for its headers."""

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
    """The ticket is unknown, already used or older than 60 seconds."""

    code = "ticket_invalid"
    title = "Ticket refused"


class TooManyConnections(RateLimited):
    """The user or the instance has the maximum number of connections."""

    code = "too_many_connections"
    title = "Too many connections"


class AdmissionDeferred(Unavailable):
    """More handshakes arrive than the instance admits per second; retry after the hint."""

    code = "admission_deferred"
    title = "Too many handshakes"


class TooManySubscriptions(Conflict):
    """The connection has the maximum number of subscriptions."""

    code = "too_many_subscriptions"
    title = "Too many subscriptions"


class CommandTimeout(DeadlineExceeded):
    """A command did not finish within ``command_seconds``; it can still take effect."""

    code = "command_timeout"
    title = "Command timed out"


class IllegalTransition(InternalError):
    """A connection record was moved along an edge that its state machine does not have."""

    code = "illegal_transition"
    title = "Illegal connection state transition"


class NotInitialized(Conflict):
    """``initialize`` was not the first command, or was sent twice."""

    code = "not_initialized"
    title = "Not initialized"


class UnsupportedProtocolVersion(InvalidRequest):
    """The client requested a protocol version that this revision does not support."""

    code = "unsupported_protocol_version"
    title = "Protocol version not supported"


class UpgradeRequired(InvalidRequest):
    """A plain HTTP request reached a WebSocket endpoint."""

    code = "upgrade_required"
    status = 426
    title = "Upgrade required"
