"""Whether a configuration's own version constraint admits the vendored schema of a provider.

Source: https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

import re
from collections.abc import Iterable, Mapping

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock

_CONDITION = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})\s*$")

Version = tuple[int, ...]


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
