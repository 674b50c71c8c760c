"""From the platform's address to the socket's URL."""

from urllib.parse import urlsplit, urlunsplit

from netra_client.errors import InvalidUse

SOCKET_PATH = "/ws"
_SOCKET_SCHEME = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def socket_url(base_url: str) -> str:
    """Return the URL of the socket at ``base_url`` (``http://localhost:8080``).

    Raises:
        InvalidUse: no http(s) or ws(s) URL, or one that carries credentials or a query: both end
            in the logs of every proxy on the way.
    """
    parts = urlsplit(base_url)
    scheme = _SOCKET_SCHEME.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise InvalidUse(f"{parts.scheme}://{parts.hostname} is not an http:// or https:// address")
    if "@" in parts.netloc or parts.query:
        raise InvalidUse("The address must hold neither credentials nor a query")
    path = parts.path if parts.path.rstrip("/") else SOCKET_PATH
    return urlunsplit((scheme, parts.netloc, path, "", ""))
