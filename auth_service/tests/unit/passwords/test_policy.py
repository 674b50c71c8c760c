import hashlib
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_service.app.errors import PasswordRefused
from auth_service.app.passwords.breached import BreachedPasswords
from auth_service.app.passwords.policy import (
    PasswordPolicy,
    Rule,
    accept_password,
    broken_rules,
    normalise,
)

POLICY = PasswordPolicy()
EMAIL = "ada.lovelace@example.com"


def rules(password: str) -> tuple[Rule, ...]:
    return broken_rules(normalise(password), email=EMAIL, policy=POLICY)


@pytest.mark.parametrize(
    "password",
    [
        "trombone-violet-harbour",
        "correct horse battery staple",
        "my summer password is long",
        "zażółć gęślą jaźń",
        "密码很长而且没有人会猜到它的样子吧",
        "kX9$mQ2#vL7@pR4!",
    ],
)
def test_accepts_what_is_hard_to_guess(password: str) -> None:
    assert accept_password(password, email=EMAIL, policy=POLICY) == password


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "PasswordPassword",
        "P@ssw0rd!!!!!!!!!!!!",
        "Summer2026Winter2026",
        "netranetranetra1",
        "letmein-letmein-1",
        "1q2w3e4r5t6y7u8i",
        "qwertyuiopasdfgh",
        "abcdefghijklmnopq",
        "123456789012345",
        "aaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "!!!!!!!!!!!!!!!!",
        "🦊" * 15,
    ],
)
def test_refuses_what_is_tried_first(password: str) -> None:
    assert rules(password) == (Rule.TOO_COMMON,)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaab",
        "Spring2025Spring2025",
        "                a",
        "iloveyou iloveyou 1",
        "abcabcabcabcabc1",
        "lovelace19951995",
        "qwertyuiop12345q",
        "aaaaaaaabbbbbbbb",
    ],
)
def test_refuses_what_can_be_guessed(password: str) -> None:
    assert rules(password)[0] in {Rule.TOO_COMMON, Rule.TOO_GUESSABLE}


def test_refuses_a_breached_password(tmp_path: Path) -> None:
    password = "trombone-violet-harbour"
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    file = tmp_path / "breached.txt"
    file.write_text(f"{digest}:3\r\n")
    policy = PasswordPolicy(breached=BreachedPasswords(file))
    assert broken_rules(password, email=EMAIL, policy=policy) == (Rule.BREACHED,)
    assert broken_rules(f"{password}-2", email=EMAIL, policy=policy) == ()


@pytest.mark.parametrize(
    "password",
    [EMAIL, "ADA.LOVELACE@EXAMPLE.COM", "adalovelace1234567", "ada.lovelace-ada.lovelace"],
)
def test_refuses_the_email_in_any_form(password: str) -> None:
    assert Rule.IS_EMAIL in rules(password)


def test_names_the_field_and_the_first_rule() -> None:
    with pytest.raises(PasswordRefused) as refused:
        accept_password("short", email=EMAIL, policy=POLICY)
    assert refused.value.fields == {"field": "password", "rule": "too_short"}
    assert "at least 15 characters" in refused.value.detail


def test_refuses_control_characters() -> None:
    assert rules("trombone\x00violet-harbour") == (Rule.CONTROL_CHARACTER,)


def test_counts_code_points_after_normalisation() -> None:
    composed, decomposed = "é" * 14 + "x", "e\u0301" * 14 + "x"
    assert normalise(decomposed) == composed
    assert Rule.TOO_SHORT not in rules(decomposed)
    assert Rule.TOO_SHORT in rules("e\u0301" * 13 + "x")


@given(st.text(max_size=300))
def test_any_text_is_judged_and_length_is_exact(password: str) -> None:
    found = rules(password)
    length = len(normalise(password))
    assert (Rule.TOO_SHORT in found) == (length < POLICY.min_length)
    assert (Rule.TOO_LONG in found) == (length > POLICY.max_length)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789!", min_size=1, max_size=5))
def test_repeating_a_short_unit_never_helps(unit: str) -> None:
    assert Rule.TOO_COMMON in rules((unit * 20)[: len(unit) * 3 * 5])


@given(st.integers(0, 2**32))
def test_random_passwords_are_never_called_common(seed: int) -> None:
    alphabet = "bcdfghjklmnpqrstvwxz23456789"
    password = "".join(Random(seed).choices(alphabet, k=20))  # noqa: S311  a reproducible sample
    assert Rule.TOO_COMMON not in rules(password)
