import pytest

from auth_service.app.passwords.strength import MIN_GUESSES, guesses


@pytest.mark.parametrize("password", ["trombone-violet-harbour", "correct horse battery staple"])
def test_unrelated_words_resist(password: str) -> None:
    assert guesses(password) >= MIN_GUESSES


@pytest.mark.parametrize("password", ["", "aaaaaaaaaaaaaab", "Spring2025Spring2025", "a" * 1000])
def test_repetitions_and_dates_do_not(password: str) -> None:
    assert guesses(password) < MIN_GUESSES


def test_words_of_the_account_are_guessed_first() -> None:
    password = "zyxquatle-zyxquatle"
    assert guesses(password, ("zyxquatle",)) < guesses(password)
