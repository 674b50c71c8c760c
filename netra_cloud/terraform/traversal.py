"""Members and elements of values that are not known: references keep their address."""

import json

from netra_cloud.terraform.conversion import Failed, to_number, to_string
from netra_cloud.terraform.scope import ROOTS, Scope
from netra_cloud.terraform.values import SetValue, Unknown, Value, merged_unknown


def member(owner: Value, name: str, scope: Scope) -> Value:
    """Return ``owner.name``.

    Raises:
        Failed: the owner is known and has no such member.
    """
    if isinstance(owner, dict):
        if name not in owner:
            raise Failed(f"there is no attribute {name!r}")
        return owner[name]
    if isinstance(owner, Unknown):
        return _unknown_member(owner, name, scope)
    raise Failed(f"a value of this type has no attribute {name!r}")


def _unknown_member(  # noqa: PLR0911 -- one branch a kind of name
    owner: Unknown, name: str, scope: Scope
) -> Value:
    text = f"{owner.text}.{name}"
    if owner.references:
        return Unknown(text, owner.references)
    if owner.text == "var":
        return scope.variables.get(name, Unknown(text))
    if owner.text == "local":
        return scope.local(name)
    if owner.text == "path" and name in {"module", "root", "cwd"}:
        return scope.path(name)
    if text == "terraform.workspace":
        return "default"
    if owner.text == "module":
        return scope.call(name)
    if owner.text.startswith("module."):
        return scope.output(owner.text, name)
    if owner.text.startswith("data.") and owner.text.count(".") == 1:
        return scope.resource(text)
    # `type.name` is a resource; a type has an underscore, a name of a loop may have one too.
    if "." not in owner.text and "_" in owner.text and owner.text not in ROOTS:
        return scope.resource(f"{scope.module}{text}")
    return Unknown(text)


def element(owner: Value, key: Value, text: str) -> Value:
    """Return ``owner[key]``; ``text`` is the expression.

    Raises:
        Failed: the owner is known and has no such element.
    """
    if isinstance(owner, Unknown):
        return _unknown_element(owner, key, text)
    if isinstance(key, Unknown):
        return merged_unknown(text, owner, key)
    if isinstance(owner, dict):
        name = to_string(key)
        if name not in owner:
            raise Failed(f"there is no element {name!r}")
        return owner[name]
    if isinstance(owner, list) and not isinstance(owner, SetValue):
        position = to_number(key)
        if not isinstance(position, int) or not 0 <= position < len(owner):
            raise Failed(f"there is no element {key!r}")
        return owner[position]
    raise Failed("a value of this type has no elements")


def _unknown_element(owner: Unknown, key: Value, text: str) -> Unknown:
    if not isinstance(key, str | int):
        return merged_unknown(text, owner, key)
    address = f"{owner.text}[{json.dumps(key)}]"
    is_resource = owner.references == {owner.text}
    return Unknown(address, frozenset({address}) if is_resource else owner.references)
