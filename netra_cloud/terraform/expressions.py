"""Evaluates HCL expressions as far as they are known without a cloud.

An unknown operand makes the result unknown, and the result keeps the operand's references. A list
or object keeps its known members: a rule can judge a header's name although its value is a
reference. Decision 0016 has the reasons for an evaluator of our own.
"""

from collections.abc import Callable, Iterator
from typing import Any

from netra_cloud.terraform.conversion import (
    Failed,
    NotKnown,
    computed,
    to_bool,
    to_number,
    to_string,
    unified,
)
from netra_cloud.terraform.functions import call_function
from netra_cloud.terraform.scope import Scope
from netra_cloud.terraform.syntax.nodes import (
    SPLAT_ITEM,
    Attribute,
    Binary,
    Call,
    Conditional,
    For,
    ForDirective,
    IfDirective,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Splat,
    Template,
    Text,
    Tuple,
    Unary,
    source_text,
)
from netra_cloud.terraform.traversal import element, member
from netra_cloud.terraform.values import (
    SetValue,
    Unknown,
    UnknownKey,
    Value,
    is_wholly_known,
    key_value,
    merged_unknown,
    same,
)

__all__ = ["Scope", "children", "evaluate"]

# Terraform would refuse the expression; it is then simply not known here.
_REFUSED = (
    *(Failed, TypeError, ValueError, KeyError, IndexError, AttributeError),
    *(OSError, ArithmeticError, RecursionError, MemoryError),
)


def evaluate(node: Node, scope: Scope) -> Value:
    """Return the value of an expression; unknown when Terraform would refuse it."""
    try:
        return strict(node, scope)
    except _REFUSED:
        if isinstance(node, Tuple):
            return [evaluate(item, scope) for item in node.items]
        if isinstance(node, Object):
            return _object_with_unknowns(node, scope)
        return merged_unknown(
            source_text(node), *(evaluate(child, scope) for child in children(node))
        )


def strict(node: Node, scope: Scope) -> Value:
    """Return the value of an expression.

    Raises:
        Failed: Terraform would refuse it.
    """
    return _HANDLERS[type(node)](node, scope)


def children(node: Node) -> Iterator[Node]:
    """Yield the expressions directly inside ``node``."""
    for field in type(node).__slots__:
        yield from _nodes(getattr(node, field))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _nodes(item)


def _object_with_unknowns(node: Object, scope: Scope) -> Value:
    result: dict[str, Value] = {}
    for key_node, value_node in node.items:
        key = evaluate(key_node, scope)
        name = UnknownKey(key) if isinstance(key, Unknown) else str(key)
        result[name] = evaluate(value_node, scope)
    return result


def _literal(node: Literal, _: Scope) -> Value:
    value: Value = node.value
    return value


def _name(node: Name, scope: Scope) -> Value:
    return scope.names[node.name] if node.name in scope.names else Unknown(node.name)


def _attribute(node: Attribute, scope: Scope) -> Value:
    return member(strict(node.owner, scope), node.name, scope)


def _index(node: Index, scope: Scope) -> Value:
    return element(strict(node.owner, scope), strict(node.key, scope), source_text(node))


def _splat(node: Splat, scope: Scope) -> Value:
    owner = strict(node.owner, scope)
    if isinstance(owner, Unknown):
        return merged_unknown(source_text(node), owner)
    if owner is None:
        return []
    items = owner if isinstance(owner, list) else [owner]
    result = [strict(node.each, scope.with_names(**{SPLAT_ITEM: item})) for item in items]
    return SetValue(result) if isinstance(owner, SetValue) else result


def _call(node: Call, scope: Scope) -> Value:
    if node.name == "try":
        return _try(node, scope)
    if node.name == "can":
        return _can(node, scope)
    values = [strict(argument, scope) for argument in node.arguments]
    if node.expands:
        last = values.pop()
        if not isinstance(last, list):
            return merged_unknown(source_text(node), last, *values)
        values += last
    if node.name == "templatefile":
        return _template_file(node, values, scope)
    result: Value = call_function(node.name, values, scope.directory)
    # What a function chose from its arguments refers to what it is; what it did not compute
    # can depend on all of them.
    if isinstance(result, Unknown) and not result.references:
        return merged_unknown(source_text(node), *values)
    return result


def _try(node: Call, scope: Scope) -> Value:
    for position, argument in enumerate(node.arguments):
        try:
            value = strict(argument, scope)
        except NotKnown:
            value = evaluate(argument, scope)
        except _REFUSED:
            continue
        if isinstance(value, Unknown) and not value.references:
            others = (evaluate(other, scope) for other in node.arguments[position + 1 :])
            return merged_unknown(source_text(node), value, *others)
        return value
    raise Failed("no argument of try is valid")


def _can(node: Call, scope: Scope) -> Value:
    try:
        value = strict(node.arguments[0], scope)
    except _REFUSED:
        return False
    return True if is_wholly_known(value) else merged_unknown(source_text(node), value)


def _template_file(node: Call, values: list[Value], scope: Scope) -> Value:
    path, names = values
    if isinstance(path, Unknown) or not isinstance(names, dict):
        return merged_unknown(source_text(node), *values)
    template = call_function("netra::template", [path], scope.directory)
    inside = Scope(scope.directory, names=names, root=scope.root)
    return strict(template, inside) if isinstance(template, Node) else merged_unknown("", *values)


def _tuple(node: Tuple, scope: Scope) -> Value:
    return [strict(item, scope) for item in node.items]


def _object(node: Object, scope: Scope) -> Value:
    result: dict[str, Value] = {}
    for key_node, value_node in node.items:
        key = strict(key_node, scope)
        name = UnknownKey(key) if isinstance(key, Unknown) else to_string(key)
        result[name] = strict(value_node, scope)
    return result


def _unary(node: Unary, scope: Scope) -> Value:
    value = strict(node.operand, scope)
    if isinstance(value, Unknown):
        return merged_unknown(source_text(node), value)
    return not to_bool(value) if node.operator == "!" else computed("-", 0, value)


def _binary(node: Binary, scope: Scope) -> Value:
    operator = node.operator
    left, right = strict(node.left, scope), strict(node.right, scope)
    if operator in {"&&", "||"}:
        return _logical(node, left, right)
    if operator in {"==", "!="}:
        equal = _equal(left, right)
        if equal is None:
            return merged_unknown(source_text(node), left, right)
        return equal == (operator == "==")
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return merged_unknown(source_text(node), left, right)
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](to_number(left), to_number(right))
    return computed(operator, left, right)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _logical(node: Binary, left: Value, right: Value) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return merged_unknown(source_text(node), left, right)
    a, b = to_bool(left), to_bool(right)
    return a and b if node.operator == "&&" else a or b


def _equal(left: Value, right: Value) -> bool | None:
    """Return whether two values are equal; None when that depends on what is not known."""
    if left is None or right is None:
        other = right if left is None else left
        return None if isinstance(other, Unknown) else left is right
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if isinstance(left, list | dict) and isinstance(right, list | dict):
        if not is_wholly_known([left, right]):
            return None
        # A list, a set and a tuple of the same members differ in type, which is not kept here.
        return None if left == right else False
    return same(left, right)


def _conditional(node: Conditional, scope: Scope) -> Value:
    decided = strict(node.condition, scope)
    if isinstance(decided, Unknown):
        return merged_unknown(
            source_text(node), decided, evaluate(node.yes, scope), evaluate(node.no, scope)
        )
    wanted, other = (node.yes, node.no) if to_bool(decided) else (node.no, node.yes)
    value = strict(wanted, scope)
    if isinstance(value, bool | int | float):
        return unified([value, evaluate(other, scope)])[0]
    return value


def _template(node: Template, scope: Scope) -> Value:
    if len(node.parts) == 1 and not isinstance(node.parts[0], Text | IfDirective | ForDirective):
        return strict(node.parts[0], scope)
    return _joined([strict(part, scope) for part in node.parts], source_text(node))


def _joined(parts: list[Value], text: str) -> Value:
    if any(isinstance(part, Unknown) for part in parts):
        shown = "".join(f"${{{p.text}}}" if isinstance(p, Unknown) else to_string(p) for p in parts)
        return merged_unknown(shown or text, *parts)
    return "".join(to_string(part) for part in parts)


def _if_directive(node: IfDirective, scope: Scope) -> Value:
    decided = strict(node.condition, scope)
    if isinstance(decided, Unknown):
        return merged_unknown(
            source_text(node), decided, evaluate(node.yes, scope), evaluate(node.no, scope)
        )
    chosen = node.yes if to_bool(decided) else node.no
    return _joined([strict(part, scope) for part in chosen.parts], "")


def _for_directive(node: ForDirective, scope: Scope) -> Value:
    scopes = _iterations(node.names, strict(node.collection, scope), scope)
    if isinstance(scopes, Unknown):
        return merged_unknown(source_text(node), scopes, evaluate(node.body, scope))
    parts = [strict(part, inner) for inner in scopes for part in node.body.parts]
    return _joined(parts, "")


def _iterations(names: tuple[str, ...], collection: Value, scope: Scope) -> list[Scope] | Unknown:
    if isinstance(collection, dict):
        # Terraform walks a map in the order of its keys.
        pairs: list[tuple[Value, Value]] = [
            (key_value(key), item) for key, item in sorted(collection.items())
        ]
    elif isinstance(collection, SetValue):
        pairs = [(item, item) for item in collection]
    elif isinstance(collection, list):
        pairs = list(enumerate(collection))
    elif isinstance(collection, Unknown):
        return merged_unknown("", collection)
    else:
        raise Failed("a loop needs a list, set or map")
    return [
        scope.with_names(**dict(zip(names, pair if len(names) > 1 else pair[1:], strict=True)))
        for pair in pairs
    ]


def _for(node: For, scope: Scope) -> Value:
    scopes = _iterations(node.names, strict(node.collection, scope), scope)
    if isinstance(scopes, Unknown):
        inner = [evaluate(tree, scope) for tree in (node.key, node.value) if tree is not None]
        return merged_unknown(source_text(node), scopes, *inner)
    kept: list[Scope] = []
    for inner_scope in scopes:
        if node.condition is not None:
            verdict = strict(node.condition, inner_scope)
            if isinstance(verdict, Unknown):
                every = [evaluate(node.value, each) for each in scopes]
                return merged_unknown(source_text(node), verdict, *every)
            if not to_bool(verdict):
                continue
        kept.append(inner_scope)
    if node.key is None:
        return [strict(node.value, inner_scope) for inner_scope in kept]
    return _for_object(node, node.key, kept)


def _for_object(node: For, key_node: Node, scopes: list[Scope]) -> Value:
    result: dict[str, Value] = {}
    for scope in scopes:
        key, value = strict(key_node, scope), strict(node.value, scope)
        if isinstance(key, Unknown):
            values = [evaluate(node.value, each) for each in scopes]
            return merged_unknown(source_text(node), key, *values)
        name = to_string(key)
        if node.groups:
            group = result.setdefault(name, [])
            if isinstance(group, list):
                group.append(value)
        elif name in result:
            raise Failed(f"two elements have the key {name!r}")
        else:
            result[name] = value
    return result


_HANDLERS: dict[type[Node], Callable[[Any, Scope], Value]] = {
    Literal: _literal,
    Text: _literal,
    Name: _name,
    Attribute: _attribute,
    Index: _index,
    Splat: _splat,
    Call: _call,
    Tuple: _tuple,
    Object: _object,
    For: _for,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    Template: _template,
    IfDirective: _if_directive,
    ForDirective: _for_directive,
}
