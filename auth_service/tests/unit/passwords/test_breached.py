import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth_service.app.passwords.breached import BreachedPasswords


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@given(
    st.sets(st.text(max_size=8), max_size=40), st.text(max_size=8), st.sampled_from(["\n", "\r\n"])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_the_listed_passwords_are_found(
    tmp_path: Path, listed: set[str], other: str, end: str
) -> None:
    file = tmp_path / "breached.txt"
    lines = [f"{item}:{n}{end}" for n, item in enumerate(sorted(map(digest, listed)))]
    file.write_bytes("".join(lines).encode())
    breached = BreachedPasswords(file)
    assert all(breached.contains(password) for password in listed)
    assert breached.contains(other) == (other in listed)


def test_without_a_list_nothing_is_breached() -> None:
    assert not BreachedPasswords(None).contains("password")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        BreachedPasswords(tmp_path / "absent").contains("password")
