"""The release section of a Keep a Changelog file and the version in ``pyproject.toml``. Pure."""

import re
from datetime import date

UNRELEASED = "## [Unreleased]\n"
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PROJECT_VERSION = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


class ReleaseRefused(ValueError):
    """The release cannot be made; the message names the problem and the remedy."""


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the numbers of a version such as ``1.2.3`` (https://semver.org).

    Raises:
        ReleaseRefused: the text is not three numbers.
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ReleaseRefused(f"{text!r} is not a version; use MAJOR.MINOR.PATCH, such as 0.2.0")
    return int(match[1]), int(match[2]), int(match[3])


def project_version(pyproject: str) -> str:
    """Return the version in the text of ``pyproject.toml``.

    Raises:
        ReleaseRefused: there is none.
    """
    match = _PROJECT_VERSION.search(pyproject)
    if match is None:
        raise ReleaseRefused("pyproject.toml has no line: version = ...")
    return match[1]


def with_version(pyproject: str, version: str) -> str:
    """Return the text of ``pyproject.toml`` with a new version.

    Raises:
        ReleaseRefused: the version is not greater than the current one.
    """
    current = project_version(pyproject)
    if parse_version(version) <= parse_version(current):
        raise ReleaseRefused(f"{version} is not greater than the current version {current}")
    return _PROJECT_VERSION.sub(f'version = "{version}"', pyproject, count=1)


def released(changelog: str, version: str, day: date) -> str:
    """Return the change log with the unreleased entries under a heading for ``version``.

    Raises:
        ReleaseRefused: there is no ``Unreleased`` section, or it has no entries.
    """
    before, found, after = changelog.partition(UNRELEASED)
    if not found:
        raise ReleaseRefused(f"CHANGELOG.md has no line {UNRELEASED.strip()!r}")
    if not release_notes(changelog, "Unreleased"):
        raise ReleaseRefused("the section Unreleased of CHANGELOG.md is empty; add entries first")
    return f"{before}{UNRELEASED}\n## [{version}] - {day.isoformat()}\n{after}"


def release_notes(changelog: str, version: str) -> str:
    """Return the entries of one version, empty when there are none."""
    heading = re.compile(rf"^## \[{re.escape(version)}\].*$", re.MULTILINE)
    match = heading.search(changelog)
    if match is None:
        return ""
    rest = changelog[match.end() :]
    following = re.search(r"^## \[", rest, re.MULTILINE)
    return rest[: following.start() if following else len(rest)].strip()
