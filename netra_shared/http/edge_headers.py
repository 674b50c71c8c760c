"""Enforces the header contract: headers about a client are accepted from the edge only.

``header_contract.json`` is the only list, read by Terraform, the local edge, the services and
``scripts/check_header_contract.py``. The edge removes headers that a client must not send; this
middleware does the same for requests that bypass the edge.
"""

import ipaddress
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

CONTRACT_FILE = Path(__file__).with_name("header_contract.json")
# Keys of the ASGI scope that record which headers arrived.
FROM_EDGE = "netra.from_edge"
DROPPED = "netra.dropped_headers"
# These can only reduce trust: `netra_shared.health.access` reads them as the trace of a proxy.
_EVIDENCE_OF_A_PROXY = frozenset({"forwarded", "x-forwarded-host"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
RawHeaders = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class HeaderContract:
    """Header names in lower case, by how the edge treats them.

    Attributes:
        forwarded: passed to the service unchanged.
        added: set by the edge; values of the client are replaced.
        platform: written or completed by the load balancer without a rule of this project.
        removed: never reach a service.
        never_logged: their values are in no log.
    """

    forwarded: tuple[str, ...]
    added: tuple[str, ...]
    platform: tuple[str, ...]
    removed: tuple[str, ...]
    never_logged: frozenset[str]


def _load() -> HeaderContract:
    document = json.loads(CONTRACT_FILE.read_text(encoding="utf-8"))

    def names(kind: str) -> tuple[str, ...]:
        return tuple(entry["name"] for entry in document[kind])

    return HeaderContract(
        forwarded=names("forwarded"),
        added=names("added"),
        platform=names("platform"),
        removed=names("removed"),
        never_logged=frozenset(document["never_logged"]),
    )


CONTRACT = _load()
_FROM_EDGE_ONLY = frozenset(name.encode() for name in CONTRACT.added)
_EDGE_ONLY = frozenset(name.encode() for name in set(CONTRACT.removed) - _EVIDENCE_OF_A_PROXY)


@lru_cache(maxsize=4096)
def _edge_says(peer: str | None, trusted: tuple[Network, ...]) -> bool:
    """Remember ``is_edge``: a peer connects often, and reading an address takes 20 us."""
    return is_edge(peer, trusted)


def is_edge(peer: str | None, trusted: Sequence[Network]) -> bool:
    """Return whether the TCP peer is a trusted proxy; a name or an absent peer is not."""
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in trusted)


def split_headers(
    headers: RawHeaders, *, from_edge: bool
) -> tuple[list[tuple[bytes, bytes]], list[str]]:
    """Return the headers that a service may see, and the names of those removed.

    Args:
        headers: of an ASGI scope.
        from_edge: whether the peer is the edge, whose headers are kept.
    """
    refused = _EDGE_ONLY if from_edge else _EDGE_ONLY | _FROM_EDGE_ONLY
    kept: list[tuple[bytes, bytes]] = []
    dropped: list[str] = []
    for name, value in headers:
        if name.lower() in refused:
            dropped.append(name.decode("latin-1").lower())
        else:
            kept.append((name, value))
    return kept, dropped


class EdgeHeaders:
    """ASGI middleware that removes headers of the edge unless the peer is the edge.

    Args:
        app: the application behind it.
        trusted: networks of the trusted proxies (``TRUSTED_PROXIES``).
    """

    def __init__(self, app: Any, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] in {"http", "websocket"}:
            from_edge = _edge_says((scope.get("client") or (None,))[0], self._trusted)
            kept, dropped = split_headers(scope["headers"], from_edge=from_edge)
            scope = {**scope, "headers": kept, FROM_EDGE: from_edge, DROPPED: dropped}
        await self._app(scope, receive, send)
