"""No sleeping for synchronisation."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.names import dotted, imported_names
from test_framework.integrity.source import FunctionNode, Source, enclosing, parent

SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep"})


def _check(source: Source) -> Iterator[Hit]:
    names = imported_names(source)
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and dotted(node.func, names) in SLEEPS):
            continue
        if _is_zero(node) or not _synchronises(node):
            continue
        yield (
            node,
            (
                f"{ast.unparse(node)} waits for a time, not for a fact; "
                "use test_framework.waiting.eventually"
            ),
        )


def _is_zero(call: ast.Call) -> bool:
    """``asyncio.sleep(0)`` only lets other tasks run."""
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def _synchronises(call: ast.Call) -> bool:
    """Distinguish a test or fixture that sleeps from a poll in a loop and from long work."""
    if enclosing(call, (ast.While, ast.AsyncFor, ast.For)) is not None:
        return False
    function = enclosing(call, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    if not isinstance(function, FunctionNode):
        return False
    is_nested = not isinstance(parent(function), ast.Module | ast.ClassDef)
    return not is_nested and (function.name.startswith("test") or _is_fixture(function))


def _is_fixture(function: FunctionNode) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


RULE = Rule(
    name="no-sleep",
    why="A sleep is too short on a loaded machine and too long on every other; the test is flaky "
    "or slow.",
    blind_spot="Sleeps in helpers and in loops (a poll with a deadline sleeps rightly), and "
    "sleeps hidden behind another name.",
    escape=INLINE_ESCAPE,
    check=_check,
)
