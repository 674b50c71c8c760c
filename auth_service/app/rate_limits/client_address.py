"""The client address of a request behind trusted proxies."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# One IPv6 customer owns at least a /64 (RFC 6177), so a limit per address would be ineffective.
_IPV6_SITE_BITS = 64
UNKNOWN = "unknown"


def client_address(
    peer: str | None, forwarded_for: Iterable[str], trusted: Sequence[Network]
) -> Address | None:
    """Return the address that made the request, ``None`` when it is unknown.

    Each proxy appends the address of its peer, so the list is read from its end and the first entry
    that is not a trusted proxy is the client. Entries further left were sent by the client and are
    ignored.

    Args:
        peer: the address of the TCP peer.
        forwarded_for: values of ``X-Forwarded-For`` in order of their lines.
        trusted: networks of the trusted proxies.
    """
    address = _parse(peer or "")
    chain = [entry for line in forwarded_for for entry in line.split(",")]
    while address is not None and _is_trusted(address, trusted) and chain:
        address = _parse(chain.pop())
    return address


def limit_key(address: Address | None) -> str:
    """Return the key that limits count by: an IPv4 address, or the /64 of an IPv6 address."""
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _IPV6_SITE_BITS), strict=False))


def _parse(text: str) -> Address | None:
    bare = text.strip()
    if bare.startswith("["):  # "[2001:db8::1]:443"
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:  # "192.0.2.1:443"
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
