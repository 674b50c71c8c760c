"""Prose of a Python module: comments, docstrings, messages, log events, and its names."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from netra_ops.check.prose.passage import Passage, is_message

LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_DIRECTIVES = ("noqa", "type:", "fmt:", "integrity:", "!")


def python_passages(source: str) -> Iterator[Passage]:
    """Yield the passages of ``source``.

    A string literal is a message when it has at least two words. An event name is the first
    argument of a logger's method; its underscores separate words. SQL statements are not prose.

    Raises:
        SyntaxError: ``source`` is not Python.
    """
    yield from _comments(source)
    nodes = list(ast.walk(ast.parse(source)))
    events = {id(argument) for argument in _event_arguments(nodes)}
    parts = {
        id(part)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in nodes:
        if id(node) in parts:
            continue
        text = _literal(node)
        if text is None:
            continue
        if id(node) in events:
            yield Passage(node.lineno, text.replace("_", " "))  # type: ignore[attr-defined]  # a literal is an expression
        elif is_message(text) and not _is_sql(text):
            yield Passage(node.lineno, text)  # type: ignore[attr-defined]  # as above


def python_names(source: str) -> Iterator[Passage]:
    """Yield the names that ``source`` defines, as words: functions, classes, arguments, variables.

    Raises:
        SyntaxError: ``source`` is not Python.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        else:
            continue
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ")
        yield Passage(node.lineno, spaced.strip())


def _comments(source: str) -> Iterator[Passage]:
    """Yield each block of consecutive comment lines as one passage."""
    block: list[str] = []
    first = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        text = token.string.lstrip("#").strip()
        line = token.start[0]
        if text.startswith(_DIRECTIVES):
            _, found, reason = text.partition("  # ")
            text = reason if found else ""
        if block and line == first + len(block):
            block.append(text)
            continue
        if block:
            yield Passage(first, "\n".join(block))
        block, first = [text], line
    if block:
        yield Passage(first, "\n".join(block))


def _event_arguments(nodes: Sequence[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LOG_METHODS
        ):
            yield from node.args[:2]


def _literal(node: ast.AST) -> str | None:
    """Return the text of a string literal; a placeholder of an f-string becomes a code span."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "`x`"
            for part in node.values
        )
    return None


def _is_sql(text: str) -> bool:
    """Return whether ``text`` is SQL: its first word is upper case and a statement's verb."""
    verbs = {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "WITH", "BEGIN"}
    words = text.split(maxsplit=1)
    return bool(words) and words[0].rstrip(";") in verbs
