import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.keys.sealing import Sealer, parse_encryption_key
from netra_shared.errors import ConfigurationError

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=64), st.text(max_size=50))
def test_opens_what_it_sealed(secret: bytes, kid: str) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(kid, secret)
    assert sealer.open(kid, sealed) == secret
    assert len(sealed) == 12 + len(secret) + 16


def test_the_secret_is_not_in_the_row() -> None:
    secret = secrets.token_bytes(32)
    assert secret not in Sealer([NEW]).seal("kid", secret)


def test_a_private_key_cannot_be_moved_to_another_row() -> None:
    sealer = Sealer([NEW])
    with pytest.raises(ConfigurationError):
        sealer.open("another", sealer.seal("kid", b"secret"))


@given(st.integers(0, 59))
def test_every_altered_byte_is_noticed(position: int) -> None:
    sealer = Sealer([NEW])
    sealed = bytearray(sealer.seal("kid", b"s" * 32))
    sealed[position] ^= 1
    with pytest.raises(ConfigurationError):
        sealer.open("kid", bytes(sealed))


def test_the_previous_key_still_opens_and_is_recognised() -> None:
    sealed = Sealer([OLD]).seal("kid", b"secret")
    both = Sealer([NEW, OLD])
    assert both.open("kid", sealed) == b"secret"
    assert not both.is_current("kid", sealed)
    assert both.is_current("kid", both.seal("kid", b"secret"))


def test_a_lost_key_is_a_configuration_problem_with_a_remedy() -> None:
    sealed = Sealer([OLD]).seal("kid", b"secret")
    with pytest.raises(ConfigurationError, match="--emergency"):
        Sealer([NEW]).open("kid", sealed)


@given(st.binary(min_size=32, max_size=32))
def test_reads_both_alphabets_with_and_without_padding(key: bytes) -> None:
    standard, url = base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()
    for text in (standard, url, standard.rstrip("="), f" {url}\n"):
        assert parse_encryption_key(text) == key


@pytest.mark.parametrize(("text", "why"), [("???", "not base64"), ("QUJD", "3 bytes"), ("", "0 b")])
def test_refuses_what_is_no_key(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_encryption_key(text)
