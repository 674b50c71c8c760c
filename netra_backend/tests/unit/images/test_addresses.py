"""Addresses that the image proxy refuses, and those that it connects to."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from netra_backend.app.images.addresses import (
    ImageAddressRefused,
    Target,
    checked_address,
    is_public,
    look_up,
)

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",  # RFC 6598, shared address space
        "127.0.0.1",
        "169.254.169.254",  # the metadata server of Google, AWS and Azure
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",  # RFC 6052: 169.254.169.254 behind NAT64
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # RFC 4380
        "2002:7f00:1::",  # RFC 3056: 127.0.0.1
        "fd20:ce::254",  # Google's metadata server over IPv6
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "//host/a.png",
        "file:///etc/passwd",
        "ftp://host/a.png",
        "gopher://host/",
        "http://",
        "http://host:22/a.png",
        "https://host:80/a.png",
        "http://user:password@host/a.png",
        "http://[::1/a.png",
        "http://host:port/",
    ],
)
def test_addresses_that_are_not_fetched(url: str) -> None:
    with pytest.raises(ImageAddressRefused):
        Target.parse(url, private_hosts=frozenset())


def test_a_target_has_the_standard_port_and_the_name_of_the_certificate() -> None:
    target = Target.parse("https://münchen.example/a.png", private_hosts=frozenset())
    assert (target.host, target.port) == ("xn--mnchen-3ya.example", 443)


async def test_every_address_of_a_host_must_be_public() -> None:
    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return [PUBLIC, "10.0.0.1"]

    target = Target.parse("http://host/", private_hosts=frozenset())
    with pytest.raises(ImageAddressRefused):
        await checked_address(target, lookup)


async def test_a_permitted_host_may_be_private_on_its_port_only() -> None:
    permitted = frozenset({"localhost:3000"})
    target = Target.parse("http://localhost:3000/a.png", private_hosts=permitted)
    assert await checked_address(target, look_up) in {"127.0.0.1", "::1"}
    other = Target.parse("http://localhost/a.png", private_hosts=permitted)
    with pytest.raises(ImageAddressRefused):
        await checked_address(other, look_up)


# inet_aton accepts these spellings of 127.0.0.1; the check sees what the resolver returns.
@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]"])
async def test_other_spellings_of_a_private_address(host: str) -> None:
    target = Target.parse(f"http://{host}/", private_hosts=frozenset())
    with pytest.raises((ImageAddressRefused, OSError)):
        await checked_address(target, look_up)


# A fresh interpreter: what the test process imported before must not hide a late import.
LATE_IMPORTS = """
import asyncio, sys
from netra_backend.app.core.module_preloader import preload_modules_for_cloud_run
from netra_backend.app.images.addresses import Target, look_up
preload_modules_for_cloud_run()
before = set(sys.modules)
async def main():
    host = Target.parse("http://münchen.invalid/", private_hosts=set()).host
    await asyncio.gather(look_up(host, 80), look_up("localhost", 80), return_exceptions=True)
asyncio.run(main())
print(sorted(set(sys.modules) - before))
"""


def test_an_international_name_imports_nothing_after_the_start() -> None:
    command = [sys.executable, "-c", LATE_IMPORTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
