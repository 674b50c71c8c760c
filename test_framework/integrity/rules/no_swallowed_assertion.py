"""No ``except`` around an assertion that lets the test continue."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.names import dotted, imported_names
from test_framework.integrity.source import Source, own_nodes

CATCHES_ASSERTIONS = frozenset(
    {"AssertionError", "Exception", "BaseException"}
    | {f"builtins.{name}" for name in ("AssertionError", "Exception", "BaseException")}
)
EXPECTATIONS = frozenset({"pytest.raises", "pytest.fail", "pytest.warns"})
SUPPRESSORS = frozenset({"contextlib.suppress"})


def _check(source: Source) -> Iterator[Hit]:
    names = imported_names(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Try | ast.TryStar):
            if not any(_asserts(statement, names) for statement in node.body):
                continue
            for handler in node.handlers:
                if _catches(handler.type, names) and not _reraises(handler):
                    yield handler, "catches the failure of the assertion above and continues"
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                call = item.context_expr
                if not (isinstance(call, ast.Call) and dotted(call.func, names) in SUPPRESSORS):
                    continue
                caught = any(_catches(argument, names) for argument in call.args)
                if caught and any(_asserts(statement, names) for statement in node.body):
                    yield node, "suppresses the failure of the assertion inside"


def _asserts(statement: ast.AST, names: dict[str, str]) -> bool:
    for node in (statement, *own_nodes(statement)):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and dotted(node.func, names) in EXPECTATIONS:
            return True
    return False


def _catches(kind: ast.expr | None, names: dict[str, str]) -> bool:
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(dotted(one, names) in CATCHES_ASSERTIONS for one in kinds)


def _reraises(handler: ast.ExceptHandler) -> bool:
    """Return whether the handler ends the test, or keeps the error for an assertion after it."""
    for node in (n for statement in handler.body for n in (statement, *own_nodes(statement))):
        if isinstance(node, ast.Raise):
            return True
        if handler.name and isinstance(node, ast.Name) and node.id == handler.name:
            return True  # stored or examined; what is done with it is another rule's business
    return False


RULE = Rule(
    name="no-swallowed-assertion",
    why="`try: assert x; except Exception: pass` is a test that cannot fail.",
    blind_spot="A handler that stores the error and no one looks at it; assertions that a called "
    "helper makes.",
    escape=INLINE_ESCAPE,
    check=_check,
)
