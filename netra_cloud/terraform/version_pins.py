"""Whether a configuration's own version constraint admits the vendored schema of a provider.

Source: https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

import re
from collections.abc import Iterable, Mapping

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock

_CONDITION = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})\s*$")

Version = tuple[int, ...]
_PARTS = 3  # major, minor, patch
_NO_BOUND = (float("inf"),)


def pins_in(blocks: Iterable[SourceBlock], scope: Scope) -> dict[str, str]:
    """Return the version constraint of each required provider that has a known one."""
    found: dict[str, str] = {}
    for block in blocks:
        for required in block.nested("required_providers") if block.type == "terraform" else ():
            for name, argument in required.body.arguments.items():
                value = evaluate(argument.expression, scope)
                version = value.get("version") if isinstance(value, Mapping) else value
                if isinstance(version, str):
                    found[name] = version
    return found


def admits(constraint: str, version: str) -> bool:
    """Return whether a version meets every condition; True for one that cannot be read."""
    return all(_meets(condition, _numbers(version)) for condition in constraint.split(","))


def may_admit_from(constraint: str, version: Version) -> bool:
    """Return whether some version from ``version`` on may meet the constraint."""
    return not any(_upper(condition) <= (*version, 0) for condition in constraint.split(","))


def may_admit_below(constraint: str, version: Version) -> bool:
    """Return whether some version below ``version`` may meet the constraint."""
    return not any(_lower(condition) >= version for condition in constraint.split(","))


def _upper(condition: str) -> tuple[float, ...]:
    """Return what each version that meets a condition is below; 1 at the end is "or equal"."""
    found = _CONDITION.match(condition)
    if found is None:
        return _NO_BOUND
    operator, bound = found[1] or "=", _numbers(found[2])
    padded = (*bound, *(0,) * (_PARTS - len(bound)))
    match operator:
        case "=" | "<=":
            return (*padded, 1)
        case "<":
            return (*padded, 0)
        case "~>":
            above = (*bound[:-2], bound[-2] + 1) if len(bound) > 1 else (_NO_BOUND[0],)
            return (*above, *(0,) * (_PARTS + 1 - len(above)))
        case _:
            return _NO_BOUND


def _lower(condition: str) -> tuple[float, ...]:
    """Return the version that every one that meets a condition has reached."""
    found = _CONDITION.match(condition)
    if found is None or found[1] in ("<", "<=", "!="):
        return (0,)
    bound = _numbers(found[2])
    return (*bound, *(0,) * (_PARTS - len(bound)))


def _meets(condition: str, version: Version) -> bool:
    found = _CONDITION.match(condition)
    if found is None:
        return True
    operator, text = found[1] or "=", found[2]
    bound = _numbers(text)
    padded = (*bound, *(0,) * (len(version) - len(bound)))
    match operator:
        case "=":
            return version == padded
        case "!=":
            return version != padded
        case "~>":  # the last number given may grow
            return version >= padded and version[: len(bound) - 1] == bound[:-1]
        case _:
            return {
                ">=": version >= padded,
                "<=": version <= padded,
                ">": version > padded,
                "<": version < padded,
            }[operator]


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))
