from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.rate_limits.client_address import UNKNOWN, client_address, limit_key

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))
outside = st.ip_addresses(v=4).filter(lambda ip: not any(ip in net for net in PROXIES))


@given(outside, st.lists(st.text(max_size=30), max_size=3))
def test_an_untrusted_peer_is_the_client_for_any_header(
    peer: IPv4Address, claims: list[str]
) -> None:
    assert client_address(str(peer), claims, PROXIES) == peer


@given(outside, st.lists(st.text(alphabet="0123456789.,: abc", max_size=30), max_size=3))
def test_what_the_client_sent_itself_is_never_believed(
    client: IPv4Address, forged: list[str]
) -> None:
    lines = [*forged, f"{client}, 10.1.1.1"]
    assert client_address("10.2.2.2", lines, PROXIES) == client


@pytest.mark.parametrize(
    ("header", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.3", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_reads_the_forms_that_proxies_write(header: str, client: str) -> None:
    assert client_address("127.0.0.1", [header], PROXIES) == ip_address(client)


def test_only_proxies_gives_the_outermost() -> None:
    assert client_address("127.0.0.1", ["10.9.9.9, 10.0.0.3"], PROXIES) == ip_address("10.9.9.9")


def test_unknown_addresses_share_one_limit() -> None:
    assert client_address(None, [], PROXIES) is None
    assert client_address("127.0.0.1", ["unknown"], PROXIES) is None
    assert limit_key(None) == UNKNOWN


def test_an_ipv6_site_is_one_client() -> None:
    first, second = IPv6Address("2001:db8:0:1::1"), IPv6Address("2001:db8:0:1:ffff::2")
    assert limit_key(first) == limit_key(second) == "2001:db8:0:1::/64"
    assert limit_key(IPv6Address("2001:db8:0:2::1")) != limit_key(first)
    assert limit_key(IPv4Address("192.0.2.1")) == "192.0.2.1"
