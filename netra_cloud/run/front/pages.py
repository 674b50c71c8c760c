"""What Google's front answers by itself.

The texts name Google's own pages closely enough for tools that look for them; sources:
docs.cloud.google.com/run/docs/troubleshooting, kkdai/linebot-file#5 (``/healthz``).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A fixed answer."""

    status: int
    reason: str
    body: str
    content_type: str = "text/html; charset=UTF-8"


def reserved(path: str) -> Page:
    """The front end's own 404, for a path that never reaches a container."""
    return Page(
        404,
        "Not Found",
        "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>"
        f"<p><b>404.</b> <ins>That's an error.</ins><p>The requested URL <code>{_escape(path)}"
        "</code> was not found on this server. <ins>That's all we know.</ins>",
    )


NO_SERVICE = Page(
    404,
    "Not Found",
    "<html><head><title>404 Page not found</title></head><body><h1>Error: Page not found</h1>"
    "<h2>The requested URL was not found on this server.</h2></body></html>",
)
FORBIDDEN = Page(
    403,
    "Forbidden",
    "<html><head><title>403 Forbidden</title></head><body><h1>Error: Forbidden</h1>"
    "<h2>Your client does not have permission to get URL from this server.</h2></body></html>",
)
RATE_EXCEEDED = Page(429, "Too Many Requests", "Rate exceeded.", "text/plain")
UNAVAILABLE = Page(503, "Service Unavailable", "Service Unavailable", "text/plain")
TIMEOUT = Page(504, "Gateway Timeout", "upstream request timeout", "text/plain")
BAD_REQUEST = Page(400, "Bad Request", "Bad Request", "text/plain")
# fleetdm/fleet#37352: end-to-end HTTP/2 and WebSockets do not go together.
H2C_UPGRADE = Page(
    503,
    "Service Unavailable",
    "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
    "text/plain",
)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
