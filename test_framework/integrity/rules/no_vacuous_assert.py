"""No assertion that holds for any behaviour of the code."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.source import Source


def _check(source: Source) -> Iterator[Hit]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert) and (reason := _always_true(node.test)):
            yield node, reason


def _always_true(test: ast.expr) -> str | None:
    """Return why ``test`` is always true; None when it may be false."""
    code = ast.unparse(test)
    match test:
        case ast.Constant(value=value) if value:
            reason = f"assert {code} is always true"
        case ast.Tuple(elts=[_, *_]):
            reason = "asserts a tuple, which is always true; remove the parentheses"
        case ast.JoinedStr() | ast.Lambda():
            reason = f"asserts {code}, which is always true"
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)) if not value:
            reason = f"assert {code} is always true"
        case ast.BoolOp(op=ast.Or(), values=values) if any(map(_always_true, values)):
            reason = f"a part of `{code}` is always true, and so is the whole"
        case ast.BoolOp(op=ast.And(), values=values) if all(map(_always_true, values)):
            reason = f"every part of `{code}` is always true"
        case ast.Compare(ops=[_]):
            return _compared_with_itself(test)
        case _:
            return None
    return reason


def _compared_with_itself(test: ast.Compare) -> str | None:
    left, right = test.left, test.comparators[0]
    if not isinstance(test.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE):
        return None
    calls = any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(left))
    if not calls and ast.dump(left) == ast.dump(right):
        return f"compares {ast.unparse(left)} with itself"
    return None


RULE = Rule(
    name="no-vacuous-assert",
    why="`assert True` and `assert x or True` turn a red test green without a diff that anybody "
    "notices.",
    blind_spot="A condition that happens to be always true for reasons of the code under test; "
    "mutation testing finds those.",
    escape=INLINE_ESCAPE,
    check=_check,
)
