"""Which addresses the image proxy may connect to.

A model or a web page that it read chooses the address of an image. The proxy must not become a
way to the platform's own network or to the metadata server (OWASP, Server Side Request Forgery
Prevention Cheat Sheet, case 2).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Self

import httpx

from netra_shared.errors import InvalidRequest

PORTS = {"http": 80, "https": 443}
# IANA's "IPv6 Global Unicast Address Assignments". Everything outside of 2000::/3 is local,
# multicast or a translation of an IPv4 address (::ffff:0:0/96, 64:ff9b::/96).
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Teredo (RFC 4380) and 6to4 (RFC 3056) contain an IPv4 address, which may be private.
_TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host name; raises OSError when it has none."""


class ImageAddressRefused(InvalidRequest):
    """The address of an image is malformed or leads to a network that is not public."""

    code = "image_address_refused"
    title = "Image address refused"


@dataclass(frozen=True, slots=True)
class Target:
    """Where an image is: a parsed address with the standard or a permitted port."""

    url: httpx.URL
    host: str
    port: int
    is_permitted: bool
    """Whether ``private_hosts`` contains the host and the port."""

    @classmethod
    def parse(cls, url: httpx.URL | str, *, private_hosts: AbstractSet[str]) -> Self:
        """Return the target of ``url``.

        Args:
            url: an absolute address.
            private_hosts: ``host:port`` that are accepted without a check of the address.

        Raises:
            ImageAddressRefused: other scheme or port, credentials, or no host.
        """
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise ImageAddressRefused("The address of the image is not a URL.") from error
        standard = PORTS.get(parsed.scheme)
        if standard is None or not parsed.host:
            raise ImageAddressRefused("Images are fetched over http and https only.")
        if parsed.userinfo:
            raise ImageAddressRefused("The address of the image contains credentials.")
        port = parsed.port or standard
        is_permitted = f"{parsed.host}:{port}" in private_hosts
        if port != standard and not is_permitted:
            raise ImageAddressRefused(f"Images are fetched from port {standard} only.")
        return cls(parsed, parsed.raw_host.decode("ascii").strip("[]"), port, is_permitted)


def is_public(address: str) -> bool:
    """Return whether ``address``, an IP address, belongs to the public Internet."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    is_tunnel = any(found in network for network in _TUNNELS)
    return found in _GLOBAL_UNICAST and found.is_global and not is_tunnel


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of ``host`` by the system's resolver, best first."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def checked_address(target: Target, lookup: Lookup) -> str:
    """Return the address to connect to.

    The caller connects to exactly this address: a second look-up could have another answer
    (DNS rebinding).

    Raises:
        ImageAddressRefused: any of the host's addresses is not public.
        OSError: the host has no address.
    """
    addresses = await lookup(target.host, target.port)
    if not addresses:
        raise OSError(f"no address for {target.host}")
    if not target.is_permitted and not all(is_public(address) for address in addresses):
        raise ImageAddressRefused("The address of the image is not on the public Internet.")
    return addresses[0]
