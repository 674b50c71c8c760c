"""Secrets pinned to version numbers: one revision must not run with two versions.

Cloud Run resolves ``latest`` when an instance starts, so instances of one revision can differ, and
a disabled newest version makes every new instance fail. Source:
https://docs.cloud.google.com/run/docs/configuring/services/secrets
"""

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LATEST = "latest"
ENABLED = "ENABLED"


@dataclass(frozen=True)
class SecretVersion:
    """One version of a secret; ``state`` is ENABLED, DISABLED or DESTROYED."""

    number: int
    state: str


@dataclass(frozen=True)
class Pin:
    """A reference to a secret and the number that replaces its version.

    Attributes:
        variable: of the environment, or ``volume/path`` of a file.
        secret: its id.
        number: of the newest version.
        before: the version that is replaced: ``latest``, or the number of an earlier deploy.
    """

    variable: str
    secret: str
    number: int
    before: str = LATEST


@dataclass(frozen=True)
class Pinned:
    """A template without ``latest``.

    Attributes:
        template: a copy with numbers.
        pins: what was replaced.
        problems: references that cannot be resolved, as sentences with their remedy.
    """

    template: dict[str, Any]
    pins: tuple[Pin, ...]
    problems: tuple[str, ...]


Versions = Callable[[str], Sequence[SecretVersion]]


def pin_secrets(
    template: Mapping[str, Any], versions: Versions, follows: Collection[str] = ()
) -> Pinned:
    """Replace every ``latest`` by the number of the newest version.

    Args:
        template: of a revision, in the API's JSON form.
        versions: returns the newest versions of a secret.
        follows: places that are declared as ``latest``: a number there comes from an earlier
            deploy, and becomes that of the newest version.
    """
    copied = copy.deepcopy(dict(template))
    pins: list[Pin] = []
    problems: list[str] = []
    for place, reference in _references(copied):
        before = str(reference.get("version", LATEST))
        if before != LATEST and place not in follows:
            continue
        secret = str(reference.get("secret", ""))
        known = versions(secret)
        if not known:
            problems.append(f"{place}: the secret {secret!r} has no version; add one")
            continue
        newest = max(known, key=lambda version: version.number)
        if newest.state != ENABLED:
            problems.append(
                f"{place}: version {newest.number} of {secret!r} is the newest and "
                f"{newest.state}, so 'latest' cannot be read; enable it or add a version"
            )
            continue
        if before != str(newest.number):
            reference["version"] = str(newest.number)
            pins.append(Pin(place, secret, newest.number, before))
    return Pinned(copied, tuple(pins), tuple(problems))


def following_latest(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the places of a declared template that follow ``latest``."""
    found = _references(copy.deepcopy(dict(template)))
    return frozenset(place for place, one in found if one.get("version", LATEST) == LATEST)


def with_numbers(template: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return a template whose references at some places have these version numbers."""
    copied = copy.deepcopy(dict(template))
    for place, reference in _references(copied):
        if place in numbers:
            reference["version"] = str(numbers[place])
    return copied


def _references(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each reference to a secret with the name of what uses it."""
    for container in template.get("containers", ()):
        for variable in container.get("env", ()):
            reference = variable.get("valueSource", {}).get("secretKeyRef")
            if reference is not None:
                yield variable["name"], reference
    for volume in template.get("volumes", ()):
        secret = volume.get("secret")
        for item in (secret or {}).get("items", ()):
            # An item has its version, the secret's name is the volume's.
            yield f"{volume['name']}/{item.get('path', '')}", _item(item, secret)


class _ItemReference(dict[str, Any]):
    """A volume's item, read with the secret of its volume and written through to the item."""

    def __init__(self, item: dict[str, Any], secret: str) -> None:
        super().__init__(item, secret=secret)
        self._item = item

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._item[key] = value


def _item(item: dict[str, Any], secret: Mapping[str, Any]) -> dict[str, Any]:
    return _ItemReference(item, str(secret.get("secret", "")))
