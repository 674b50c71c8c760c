"""The head of an HTTP/1.1 request as it passes the candidate door. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

_END = b"\r\n\r\n"
_HOP = frozenset({"host", "connection"})


@dataclass(frozen=True)
class RequestHead:
    """A request line and its headers, in order.

    Raises:
        ValueError: ``parse`` was given something else.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, raw: bytes) -> "RequestHead":
        """Read a head that ends with an empty line."""
        first, *lines = raw.removesuffix(_END).decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004  # RFC 9112
            raise ValueError(f"no HTTP/1.1 request line: {first[:80]!r}")
        pairs = [line.partition(":") for line in lines]
        return cls(words[0], words[1], tuple((name, value.strip()) for name, _, value in pairs))

    @property
    def is_upgrade(self) -> bool:
        """True when the connection becomes a WebSocket."""
        return any(name.lower() == "upgrade" for name, _ in self.headers)

    def through(self, host: str, added: Mapping[str, str]) -> bytes:
        """Return the head as it is sent on.

        Args:
            host: replaces the Host header.
            added: further headers; one of the same name is replaced, so a client cannot set them.

        A request that is no upgrade is the last of its connection: what follows it would miss the
        added headers.
        """
        dropped = _HOP | {name.lower() for name in added}
        kept = [(name, value) for name, value in self.headers if name.lower() not in dropped]
        connection = "Upgrade" if self.is_upgrade else "close"
        lines = [("Host", host), ("Connection", connection), *added.items(), *kept]
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return f"{self.method} {self.target} HTTP/1.1\r\n{text}\r\n".encode("latin-1")
