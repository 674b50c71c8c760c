from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.versioning.changelog import (
    ReleaseRefused,
    parse_version,
    project_version,
    release_notes,
    released,
    with_version,
)

PROJECT = '[project]\nname = "netra"\nversion = "0.2.0"\n'
LOG = (
    "# Changelog\n\n## [Unreleased]\n\n### Added\n- A thing.\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n"
)
DAY = date(2026, 12, 1)


@given(st.tuples(*[st.integers(0, 999)] * 3))
def test_a_version_is_three_numbers(numbers: tuple[int, int, int]) -> None:
    assert parse_version(".".join(map(str, numbers))) == numbers


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1.2.3", "1.2.3-rc1", "1.2.3.4"])
def test_other_text_is_not_a_version(text: str) -> None:
    with pytest.raises(ReleaseRefused, match=r"MAJOR\.MINOR\.PATCH"):
        parse_version(text)


def test_the_version_increases() -> None:
    assert project_version(with_version(PROJECT, "0.10.0")) == "0.10.0"
    for version in ("0.2.0", "0.1.9"):
        with pytest.raises(ReleaseRefused, match="not greater"):
            with_version(PROJECT, version)
    with pytest.raises(ReleaseRefused, match="version ="):
        project_version("[project]\n")


def test_unreleased_entries_move_under_the_version() -> None:
    log = released(LOG, "0.2.0", DAY)
    assert "## [0.2.0] - 2026-12-01\n" in log
    assert release_notes(log, "0.2.0") == "### Added\n- A thing."
    assert release_notes(log, "Unreleased") == ""
    assert release_notes(log, "0.1.0") == "- Old."
    with pytest.raises(ReleaseRefused, match="is empty"):
        released(log, "0.3.0", DAY)


def test_a_log_without_the_section_is_refused() -> None:
    with pytest.raises(ReleaseRefused, match="has no line"):
        released("# Changelog\n", "0.2.0", DAY)
