"""The settings of a Cloud Run service as flat paths, so that two services can be compared.

Input is the JSON form of the Admin API's v2 ``Service``: of the live service, and of the one that
Terraform declares.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RELEASE_VARIABLE = "NETRA_RELEASE"
_COMPARED = ("ingress", "defaultUriDisabled", "invokerIamDisabled", "scaling", "template")
# What a release changes by itself, or what the API fills in.
_OWNED_BY_RELEASES = frozenset({"template.revision", "template.labels", "template.annotations"})
# Lists of objects that one of their fields identifies.
_KEYS = ("name", "mountPath", "path")


@dataclass(frozen=True)
class Change:
    """One setting with two values; None where it is not set.

    Attributes:
        path: such as ``template.scaling.minInstanceCount``.
        before: the first value.
        after: the second value.
    """

    path: str
    before: str | None
    after: str | None

    def describe(self) -> str:
        """Return ``path: before -> after``."""
        return f"{self.path}: {self.before or 'not set'} -> {self.after or 'not set'}"


def flatten(service: Mapping[str, Any]) -> dict[str, str]:
    """Return every comparable setting of a service by its path; images are left out."""
    flat: dict[str, str] = {}
    for key in _COMPARED:
        for path, value in _leaves(key, service.get(key)):
            owned = any(path.startswith(name) for name in _OWNED_BY_RELEASES)
            if not owned and not path.endswith(".image") and RELEASE_VARIABLE not in path:
                flat[path] = value
    return flat


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every setting that differs between two services."""
    one, other = flatten(before), flatten(after)
    return tuple(
        Change(path, one.get(path), other.get(path))
        for path in sorted({*one, *other})
        if one.get(path) != other.get(path)
    )


def drift(live: Mapping[str, Any], declared: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return where the live service differs from its declaration.

    Settings that the declaration leaves open have the API's default and are no drift, except
    variables of the environment: one that is set live and declared nowhere is a change by hand.
    A variable whose declared value is known at apply time only is not compared.
    """
    wanted = flatten(declared)
    open_values = {path for path, value in wanted.items() if value == ""}
    return tuple(
        change
        for change in differences(live, declared)
        if (
            (change.path in wanted and change.path not in open_values)
            or (".env." in change.path and not _is_open(change.path, wanted))
        )
        and not _is_pinned_secret(change)
    )


def container_of(template: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    """Return the container that runs ``role``: the one of that name, else the first.

    Raises:
        ValueError: the template has no container.
    """
    containers = list(template.get("containers", ()))
    if not containers:
        raise ValueError("the template has no container")
    found = next((one for one in containers if one.get("name") == role), containers[0])
    return dict(found)


def _is_pinned_secret(change: Change) -> bool:
    """Return whether a deploy has replaced ``latest`` by a number; the plan shows newer ones."""
    numbered = change.before is not None and change.before.isdigit()
    return change.path.endswith(".version") and change.after == "latest" and numbered


def _is_open(path: str, wanted: Mapping[str, str]) -> bool:
    """Return whether the variable of ``path`` is declared without a value that is known here."""
    variable = path.split(".env.", 1)[1].split(".", 1)[0]
    stem = path.split(".env.", 1)[0] + f".env.{variable}"
    return wanted.get(f"{stem}.name") is not None and f"{stem}.value" not in wanted


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{_key_of(inner, number)}", inner)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _key_of(value: Any, number: int) -> str:
    if isinstance(value, Mapping):
        for key in _KEYS:
            if isinstance(value.get(key), str):
                return str(value[key])
    return str(number)
