"""Which versions of a provider the stand-in offers, so that a configuration's pins are met.

Terraform takes the newest offered version that all constraints of the configuration and of its
modules allow. Offered are the last release of each major version, and the releases that the
constraints themselves name. One schema serves all of them.
Source: https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

import re
from collections.abc import Iterable

Version = tuple[int, int, int]

# The last release of each major version of hashicorp/google and google-beta, after their
# changelogs (7.46.0 was released with 8.0.0).
_LAST_OF_MAJOR: tuple[Version, ...] = ((3, 90, 1), (4, 85, 0), (5, 45, 2), (6, 50, 0), (7, 46, 0))
_GOOGLE = frozenset({"google", "google-beta"})
_CONDITION = re.compile(r"(=|!=|>=?|<=?|~>)?\s*v?(\d+(?:\.\d+){0,2})(-[0-9A-Za-z.-]+)?\s*(?:,|$)")
_LOCKED = re.compile(
    r'^provider "registry\.terraform\.io/hashicorp/([\w-]+)" \{\s*version\s*=\s*"([^"]+)"',
    re.MULTILINE,
)


def offered(provider: str, newest: str, constraints: Iterable[str], locked: str | None) -> set[str]:
    """Return the versions to offer.

    Args:
        provider: such as ``google``.
        newest: the version of the vendored schema.
        constraints: texts such as ``>= 6.0, < 8``, of any module of the configuration.
        locked: the version in the directory's own lock file; nothing newer is offered.
    """
    versions = {_version(newest)} | _between_majors(provider)
    exact: set[str] = set()
    for constraint in constraints:
        for operator, number, release in _CONDITION.findall(constraint):
            if release:
                exact.add(f"{_text(_version(number))}{release}")  # a pre-release must be named
            versions |= set(_near(operator, _version(number)))
    if locked is not None:
        bound = _version(locked)
        versions = {version for version in versions if version < bound} | {bound}
        exact = {text for text in exact if _version(text) < bound}
        if "-" in locked:
            exact.add(locked)
    return {_text(version) for version in versions} | exact


def locked_versions(lock_file: str) -> dict[str, str]:
    """Return the versions of HashiCorp's providers in the text of a ``.terraform.lock.hcl``."""
    return dict(_LOCKED.findall(lock_file))


def _between_majors(provider: str) -> set[Version]:
    return set(_LAST_OF_MAJOR) if provider in _GOOGLE else set()


def _near(operator: str, bound: Version) -> Iterable[Version]:
    """Yield versions that satisfy ``operator bound``, as near to the bound as they can be."""
    major, minor, patch = bound
    if operator in {"", "=", ">=", "<=", "~>"}:
        yield bound
    if operator in {">", "!="}:
        yield major, minor, patch + 1
    if operator == "<":
        if patch:
            yield major, minor, patch - 1
        elif minor:
            yield major, minor - 1, 0
        elif major:
            yield major - 1, 0, 0


def _version(text: str) -> Version:
    numbers = [int(part) for part in re.findall(r"\d+", text.partition("-")[0])[:3]]
    major, minor, patch = [*numbers, 0, 0][:3]
    return major, minor, patch


def _text(version: Version) -> str:
    return ".".join(map(str, version))
