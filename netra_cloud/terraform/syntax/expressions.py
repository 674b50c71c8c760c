"""Parses HCL expressions.

Precedence: https://developer.hashicorp.com/terraform/language/expressions/operators
"""

import re
from collections.abc import Callable

from netra_cloud.terraform.syntax.nodes import (
    SPLAT_ITEM,
    Attribute,
    Binary,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Splat,
    Tuple,
    Unary,
)
from netra_cloud.terraform.syntax.scanner import (
    MAX_NESTING,
    Scanner,
    TokenTuple,
    described,
)
from netra_cloud.terraform.syntax.templates import TemplateReader, without_indent

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_DIGITS = re.compile(r"\d+")


def parse_expression(scanner: Scanner) -> Node:
    """Return the expression at the scanner's position.

    Raises:
        HclError: there is none, or it is nested more than ``MAX_NESTING`` levels.
    """
    scanner.nesting += 1
    if scanner.nesting > MAX_NESTING:
        scanner.fail(f"the expression is nested more than {MAX_NESTING} levels")
    node = _operation(scanner, 1)
    if scanner.accept("?"):
        yes = parse_expression(scanner)
        scanner.expect(":")
        no = parse_expression(scanner)
        node = Conditional(scanner.source, node.start, no.end, node, yes, no)
    scanner.nesting -= 1
    return node


def _operation(scanner: Scanner, weakest: int) -> Node:
    left = _unary(scanner)
    while True:
        kind, text, _, _ = scanner.peek()
        strength = _PRECEDENCE.get(text) if kind == "op" else None
        if strength is None or strength < weakest:
            return left
        scanner.take()
        right = _operation(scanner, strength + 1)
        left = Binary(scanner.source, left.start, right.end, text, left, right)


def _unary(scanner: Scanner) -> Node:
    kind, text, start, _ = scanner.peek()
    if kind == "op" and text in {"!", "-"}:
        scanner.take()
        scanner.nesting += 1
        if scanner.nesting > MAX_NESTING:
            scanner.fail(f"the expression is nested more than {MAX_NESTING} levels")
        operand = _unary(scanner)
        scanner.nesting -= 1
        return Unary(scanner.source, start, operand.end, text, operand)
    return _postfix(scanner, _primary(scanner))


def _primary(scanner: Scanner) -> Node:
    token = scanner.peek()
    reader = _PRIMARIES.get(token[1] if token[0] == "op" else token[0])
    if reader is None:
        scanner.fail(f"expected a value, found {described(token)}", token[2])
    return reader(scanner)


def _named(scanner: Scanner) -> Node:
    token = scanner.take()
    _, text, start, end = token
    if scanner.text.startswith("::", end) or scanner.peek()[:2] == ("op", "("):
        return _call(scanner, token)
    if text in _CONSTANTS:
        return Literal(scanner.source, start, end, _CONSTANTS[text])
    return Name(scanner.source, start, end, text)


def _number(scanner: Scanner) -> Node:
    _, text, start, end = scanner.take()
    value = float(text) if any(mark in text for mark in ".eE") else int(text)
    is_whole = isinstance(value, float) and value.is_integer()
    return Literal(scanner.source, start, end, int(value) if is_whole else value)


def _parenthesis(scanner: Scanner) -> Node:
    scanner.take()
    scanner.enter()
    node = parse_expression(scanner)
    scanner.expect(")")
    scanner.leave()
    return node


def read_string(scanner: Scanner) -> Node:
    """Return the quoted template at the scanner's position."""
    _, _, start, end = scanner.take()
    scanner.move(end)
    node = TemplateReader(scanner, parse_expression, quoted=True).read()
    scanner.move(scanner.position + 1)
    node.start, node.end = start, scanner.position
    return node


def _heredoc(scanner: Scanner) -> Node:
    token = scanner.take()
    _, text, start, body = token
    is_indented = text.startswith("<<-")
    marker = text.strip().removeprefix("<<").removeprefix("-").strip()
    after = r"(?=[ \t]*(?:\n|\Z|[)\],}]))"
    closing = re.compile(rf"^[ \t]*{re.escape(marker)}{after}", re.MULTILINE)
    found = closing.search(scanner.text, body, scanner.limit)
    if found is None:
        scanner.fail(f"the heredoc {marker} is not closed", token[2])
    inside = Scanner(scanner.source, body, found.start())
    inside.nesting = scanner.nesting
    node = TemplateReader(inside, parse_expression, quoted=False).read()
    if is_indented:
        without_indent(node)
    node.start, node.end = start, found.end()
    scanner.move(found.end())
    return node


def _postfix(scanner: Scanner, node: Node) -> Node:
    source = scanner.source
    while True:
        kind, text, _, end = scanner.peek()
        if kind != "op" or text not in {".", "["}:
            return node
        if text == ".":
            digits = _DIGITS.match(scanner.text, end, scanner.limit)
            scanner.take()
            if digits is not None:  # the old form of an index: list.0
                scanner.move(digits.end())
                key = Literal(source, end, digits.end(), int(digits.group()))
                node = Index(source, node.start, digits.end(), node, key)
                continue
            token = scanner.take()
            if token[0] == "op" and token[1] == "*":
                node = _splat(scanner, node, token[3], attributes_only=True)
                continue
            if token[0] != "name":
                scanner.fail(f"expected a name after the dot, found {described(token)}", token[2])
            node = Attribute(source, node.start, token[3], node, token[1])
            continue
        scanner.take()
        scanner.enter()
        if scanner.accept("*"):
            close = scanner.expect("]")
            scanner.leave()
            node = _splat(scanner, node, close[3], attributes_only=False)
            continue
        index = parse_expression(scanner)
        close = scanner.expect("]")
        scanner.leave()
        node = Index(source, node.start, close[3], node, index)


def _splat(scanner: Scanner, owner: Node, end: int, *, attributes_only: bool) -> Node:
    source = scanner.source
    item: Node = Name(source, owner.start, end, SPLAT_ITEM)
    if not attributes_only:
        item = _postfix(scanner, item)
        return Splat(source, owner.start, item.end, owner, item)
    while scanner.peek()[:2] == ("op", "."):
        scanner.take()
        token = scanner.take()
        if token[0] != "name":
            scanner.fail(f"expected a name after the dot, found {described(token)}", token[2])
        item = Attribute(source, owner.start, token[3], item, token[1])
    return Splat(source, owner.start, item.end, owner, item)


def _call(scanner: Scanner, token: TokenTuple) -> Node:
    _, name, start, _ = token
    while scanner.text.startswith("::", scanner.position):
        scanner.move(scanner.position + 2)
        name = f"{name}::{scanner.take()[1]}"
    scanner.expect("(")
    scanner.enter()
    arguments: list[Node] = []
    expands = False
    while not _closes(scanner, ")"):
        arguments.append(parse_expression(scanner))
        if scanner.accept("..."):
            expands = True
            break
        if not scanner.accept(","):
            break
    close = scanner.expect(")")
    scanner.leave()
    return Call(scanner.source, start, close[3], name, arguments, expands)


def _closes(scanner: Scanner, operator: str) -> bool:
    token = scanner.peek()
    return token[0] == "op" and token[1] == operator


def _tuple(scanner: Scanner) -> Node:
    start = scanner.take()[2]
    scanner.enter()
    if scanner.peek()[:2] == ("name", "for"):
        return _for(scanner, start, "]")
    items: list[Node] = []
    while not _closes(scanner, "]"):
        items.append(parse_expression(scanner))
        if not scanner.accept(","):
            break
    close = scanner.expect("]")
    scanner.leave()
    return Tuple(scanner.source, start, close[3], items)


def _object(scanner: Scanner) -> Node:
    start = scanner.take()[2]
    scanner.enter()
    if scanner.peek()[:2] == ("name", "for"):
        before = scanner.position
        scanner.take()
        is_key = scanner.peek()[:2] in {("op", "="), ("op", ":")}
        scanner.move(before)
        if not is_key:
            return _for(scanner, start, "}")
    items: list[tuple[Node, Node]] = []
    while not _closes(scanner, "}"):
        key = _object_key(scanner)
        if not scanner.accept("=") and not scanner.accept(":"):
            token = scanner.peek()
            scanner.fail(f'expected "=" after a key, found {described(token)}', token[2])
        scanner.brackets, inside = 0, scanner.brackets  # a newline ends the value
        scanner.move(scanner.position)
        value = parse_expression(scanner)
        ends_line = scanner.peek()[0] == "newline"
        scanner.brackets = inside
        scanner.move(scanner.position)
        items.append((key, value))
        if not scanner.accept(",") and not ends_line:
            break
    close = scanner.expect("}")
    scanner.leave()
    return Object(scanner.source, start, close[3], items)


def _object_key(scanner: Scanner) -> Node:
    kind, text, start, end = scanner.peek()
    if kind == "name":
        before = scanner.position
        scanner.take()
        if scanner.peek()[:2] in {("op", "="), ("op", ":")}:
            return Literal(scanner.source, start, end, text)
        scanner.move(before)
    return parse_expression(scanner)


def _for(scanner: Scanner, start: int, closing: str) -> Node:
    scanner.take()
    names = [scanner.take()[1]]
    if scanner.accept(","):
        names.append(scanner.take()[1])
    word = scanner.take()
    if word[:2] != ("name", "in"):
        scanner.fail(f'expected "in", found {described(word)}', word[2])
    collection = parse_expression(scanner)
    scanner.expect(":")
    key: Node | None = None
    value = parse_expression(scanner)
    if closing == "}":
        scanner.expect("=>")
        key, value = value, parse_expression(scanner)
    groups = scanner.accept("...")
    condition = None
    if scanner.peek()[:2] == ("name", "if"):
        scanner.take()
        condition = parse_expression(scanner)
    close = scanner.expect(closing)
    scanner.leave()
    return For(
        scanner.source, start, close[3], tuple(names), collection, key, value, condition, groups
    )


_PRIMARIES: dict[str, Callable[[Scanner], Node]] = {
    "name": _named,
    "number": _number,
    "quote": read_string,
    "heredoc": _heredoc,
    "(": _parenthesis,
    "[": _tuple,
    "{": _object,
}
