"""Evaluates HCL expressions as far as they are known without a cloud.

An unknown operand makes the result unknown, but a list or object keeps its known members: a rule
can judge a header's name although its value is a reference.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lark import Token, Tree

from netra_cloud.terraform.functions import FUNCTIONS, file_function
from netra_cloud.terraform.hcl_source import Node, parse_text, source_text, text_of
from netra_cloud.terraform.values import Unknown, Value, merged_unknown, references

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
}
# What a wrong operand or a missing member raises; the expression is then simply not known here.
_UNKNOWABLE = (
    *(TypeError, ValueError, KeyError, IndexError, AttributeError),
    *(StopIteration, OSError, ArithmeticError, RecursionError),
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass
class Scope:
    """What names mean.

    Attributes:
        directory: what ``path.module`` stands for.
        variables: value of each ``var.x``; a missing one is unknown.
        local: returns the value of ``local.x``.
        names: further names: ``each``, ``count``, iterators of ``for`` and ``dynamic``.
        module: put before the addresses of resources: nothing, or ``module.x.``.
        output: returns an output, given ``module.NAME`` (perhaps with a key) and its name.
    """

    directory: Path
    variables: Mapping[str, Value] = field(default_factory=dict)
    local: Callable[[str], Value] = lambda name: Unknown(f"local.{name}")
    names: Mapping[str, Value] = field(default_factory=dict)
    module: str = ""
    output: Callable[[str, str], Value] = lambda call, name: Unknown(f"{call}.{name}")

    def with_names(self, **names: Value) -> "Scope":
        """Return a scope in which ``names`` hide what was known by them."""
        return replace(self, names={**self.names, **names})


def evaluate(node: Node, scope: Scope) -> Value:
    """Return the value of an expression of ``hcl_source``."""
    if isinstance(node, Token):
        return _literal(node)
    handler = _HANDLERS.get(str(node.data))
    if handler is None:
        return Unknown(source_text(node))
    try:
        return handler(node, scope)
    except _UNKNOWABLE:
        return merged_unknown(source_text(node), *_operands(node, scope))


def _operands(node: Tree[Token], scope: Scope) -> Iterator[Value]:
    for child in node.children:
        if isinstance(child, Tree):
            yield (
                evaluate(child, scope)
                if child.data == "expr_term"
                else merged_unknown("", *_operands(child, scope))
            )


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [c for c in node.children if isinstance(c, Tree) and c.data != "new_line_or_comment"]


def _literal(token: Token) -> Value:
    text = str(token)
    constants: dict[str, Value] = {"true": True, "false": False, "null": None}
    if text in constants:
        return constants[text]
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _only(node: Tree[Token], scope: Scope) -> Value:
    return evaluate(_trees(node)[0] if _trees(node) else node.children[0], scope)


def _identifier(node: Tree[Token], scope: Scope) -> Value:
    name = text_of(node)
    return scope.names.get(name, Unknown(name))


def _string(node: Tree[Token], scope: Scope) -> Value:
    parts: list[Value] = []
    for part in _trees(node):
        inner = part.children[0]
        if isinstance(inner, Tree):
            parts.append(
                evaluate(_trees(inner)[0], scope)
                if inner.data == "interpolation"
                else Unknown(source_text(inner))
            )
        else:
            parts.append(_unescape(str(inner)))
    return _join(parts)


def _unescape(text: str) -> str:
    text = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(0)), text)
    return text.replace("$${", "${").replace("%%{", "%{")


def _join(parts: list[Value]) -> Value:
    if any(isinstance(part, Unknown) for part in parts):
        text = "".join(f"${{{p.text}}}" if isinstance(p, Unknown) else str(p) for p in parts)
        return merged_unknown(text, *parts)
    return "".join(FUNCTIONS["tostring"](part) for part in parts)


def _heredoc(node: Tree[Token], scope: Scope) -> Value:
    lines = str(node.children[0]).splitlines()
    body = lines[1:-1]
    if node.data == "heredoc_template_trim":
        indents = [len(line) - len(line.lstrip()) for line in body if line.strip()]
        body = [line[min(indents, default=0) :] for line in body]
    text = "\n".join(body) + "\n"
    parts: list[Value] = []
    position = 0
    for match in re.finditer(r"(?<!\$)\$\{((?:[^{}]|\{[^}]*\})*)\}", text):
        parsed = parse_text(f"x = {match.group(1)}", Path("template"))
        parts += [
            text[position : match.start()],
            evaluate(parsed.arguments["x"].expression, scope),
        ]
        position = match.end()
    return _join([*parts, text[position:]])


def _tuple(node: Tree[Token], scope: Scope) -> Value:
    return [evaluate(child, scope) for child in _trees(node)]


def _object(node: Tree[Token], scope: Scope) -> Value:
    result: dict[str, Value] = {}
    for element in _trees(node):
        key_node, value_node = _trees(element)[0], element.children[-1]
        inner = key_node.children[0]
        term = inner.children[0] if isinstance(inner, Tree) and inner.data == "expr_term" else inner
        bare = isinstance(term, Tree) and term.data in {"identifier", "keyword"}
        key = text_of(term) if bare else evaluate(inner, scope)
        result[str(key)] = evaluate(value_node, scope)
    return result


def _binary(node: Tree[Token], scope: Scope) -> Value:
    left_node, term = _trees(node)[:2]
    operator_node, right_node = _trees(term)
    left, right = evaluate(left_node, scope), evaluate(right_node, scope)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return merged_unknown(source_text(node), left, right)
    result: Value = _OPERATORS[text_of(operator_node)](left, right)
    return result


def _unary(node: Tree[Token], scope: Scope) -> Value:
    value = evaluate(_trees(node)[-1], scope)
    if isinstance(value, Unknown):
        return value
    if str(node.children[0]) == "!":
        return not value
    if not isinstance(value, int | float):
        raise TypeError(value)
    return -value


def _conditional(node: Tree[Token], scope: Scope) -> Value:
    condition, yes, no = _trees(node)
    decided = evaluate(condition, scope)
    if isinstance(decided, Unknown):
        return merged_unknown(source_text(node), decided, evaluate(yes, scope), evaluate(no, scope))
    return evaluate(yes if decided else no, scope)


def _call(node: Tree[Token], scope: Scope) -> Value:
    name = text_of(_trees(node)[0])
    listed = [tree for tree in _trees(node) if tree.data == "arguments"]
    nodes = _trees(listed[0]) if listed else []
    values = [evaluate(argument, scope) for argument in nodes]
    if listed and str(listed[0].children[-1]) == "...":
        last = values.pop()
        if not isinstance(last, list):
            return merged_unknown(source_text(node), last, *values)
        values += last
    if name in {"try", "can"}:
        known = [value for value in values if not isinstance(value, Unknown)]
        return known[0] if name == "try" and known else merged_unknown(source_text(node), *values)
    if any(isinstance(value, Unknown) for value in values) or name not in {*FUNCTIONS, "file"}:
        return merged_unknown(source_text(node), *values)
    function = file_function(scope.directory) if name == "file" else FUNCTIONS[name]
    result: Value = function(*values)
    return result


def _get_attribute(node: Tree[Token], scope: Scope) -> Value:
    owner_node, accessor = _trees(node)
    name = text_of(_trees(accessor)[0])
    owner = evaluate(owner_node, scope)
    if isinstance(owner, Unknown):
        return _member(owner, name, scope)
    if isinstance(owner, dict):
        return owner[name]
    raise TypeError(name)


def _member(owner: Unknown, name: str, scope: Scope) -> Value:
    text = f"{owner.text}.{name}"
    if owner.text == "var":
        return scope.variables.get(name, Unknown(text))
    if owner.text == "local":
        return scope.local(name)
    if text in {"path.module", "path.root", "path.cwd"}:
        return "."
    if owner.text.startswith("module.") and not owner.references:
        return scope.output(owner.text, name)
    # `type.name` is a resource, `data.type.name` a data source; further members keep the address.
    if "." not in owner.text and "_" in owner.text and not owner.references:
        address = f"{scope.module}{text}"
        return Unknown(address, frozenset({address}))
    return Unknown(text, owner.references)


def _index(node: Tree[Token], scope: Scope) -> Value:
    owner_node, index_node = _trees(node)
    owner = evaluate(owner_node, scope)
    key = (
        int(str(index_node.children[1]))
        if index_node.data == "short_index"
        else evaluate(_trees(index_node)[0], scope)
    )
    if isinstance(owner, Unknown):
        if isinstance(key, str | int) and owner.references == {owner.text}:
            address = f"{owner.text}[{json.dumps(key)}]"
            return Unknown(address, frozenset({address}))
        return merged_unknown(source_text(node), owner, key)
    if isinstance(owner, list) and isinstance(key, int):
        return owner[key]
    if isinstance(owner, dict) and isinstance(key, str):
        return owner[key]
    return merged_unknown(source_text(node), owner, key)


def _splat(node: Tree[Token], scope: Scope) -> Value:
    return merged_unknown(source_text(node), evaluate(_trees(node)[0], scope))


def _iterations(intro: Tree[Token], scope: Scope) -> list[Scope] | Unknown:
    *name_nodes, collection_node = _trees(intro)
    names = [text_of(name) for name in name_nodes]
    collection = evaluate(collection_node, scope)
    if isinstance(collection, dict):
        pairs: list[tuple[Value, Value]] = sorted(
            collection.items(), key=lambda pair: str(pair[0])
        )  # the order Terraform walks a map in
    elif isinstance(collection, list):
        pairs = list(enumerate(collection))
    else:
        return merged_unknown("", collection)
    return [
        scope.with_names(**dict(zip(names, pair if len(names) > 1 else pair[1:], strict=True)))
        for pair in pairs
    ]


def _for(node: Tree[Token], scope: Scope) -> Value:
    intro, *bodies = _trees(node)
    condition = next((tree for tree in bodies if tree.data == "for_cond"), None)
    expressions = [tree for tree in bodies if tree is not condition]
    scopes = _iterations(intro, scope)
    if isinstance(scopes, Unknown):
        inner = [evaluate(tree, scope) for tree in expressions]
        return merged_unknown(source_text(node), scopes, *inner)
    kept: list[Scope] = []
    for inner_scope in scopes:
        if condition is not None:
            verdict = evaluate(_trees(condition)[-1], inner_scope)
            if isinstance(verdict, Unknown):
                return merged_unknown(source_text(node), verdict)
            if not verdict:
                continue
        kept.append(inner_scope)
    if node.data == "for_tuple_expr":
        return [evaluate(expressions[0], inner_scope) for inner_scope in kept]
    result: dict[str, Value] = {}
    for inner_scope in kept:
        key = evaluate(expressions[0], inner_scope)
        if isinstance(key, Unknown):
            return Unknown(source_text(node), frozenset(references(key)))
        result[str(key)] = evaluate(expressions[1], inner_scope)
    return result


_HANDLERS: dict[str, Callable[[Tree[Token], Scope], Value]] = {
    "expr_term": _only,
    "expression": _only,
    "literal_value": _only,
    "int_lit": _only,
    "float_lit": _only,
    "identifier": _identifier,
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "tuple": _tuple,
    "object": _object,
    "binary_op": _binary,
    "unary_op": _unary,
    "conditional": _conditional,
    "function_call": _call,
    "get_attr_expr_term": _get_attribute,
    "index_expr_term": _index,
    "attr_splat_expr_term": _splat,
    "full_splat_expr_term": _splat,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
}
