"""Errors of the transport."""

from netra_shared.errors import InternalError


class HeaderInjection(InternalError):
    """A response header contains a line break or NUL."""

    code = "header_injection"
    title = "Header refused"
