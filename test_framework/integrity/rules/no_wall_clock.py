"""No assertion on measured time outside benchmarks."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.names import dotted, imported_names
from test_framework.integrity.source import FunctionNode, Source, own_nodes

CLOCKS = frozenset(
    {"time.time", "time.monotonic", "time.perf_counter", "time.monotonic_ns", "time.time_ns"}
    | {"time.perf_counter_ns", "timeit.default_timer"}
)


def _check(source: Source) -> Iterator[Hit]:
    if "benchmarks" in source.path.split("/"):
        return
    names = imported_names(source)
    for test in source.tests():
        measured = _measured_names(test, names)
        for node in own_nodes(test):
            if isinstance(node, ast.Assert) and _reads(node.test, measured, names):
                yield node, "asserts a measured time; assert what happened, or move to benchmarks/"


def _measured_names(test: FunctionNode, names: dict[str, str]) -> frozenset[str]:
    """Return the variables that hold a time, or a difference computed from one."""
    measured: set[str] = set()
    grown = True
    while grown:
        before = len(measured)
        for node in own_nodes(test):
            if isinstance(node, ast.Assign) and _reads(node.value, frozenset(measured), names):
                measured |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.NamedExpr) and _reads(node.value, frozenset(measured), names):
                measured.add(node.target.id)
        grown = len(measured) > before
    return frozenset(measured)


def _reads(expression: ast.expr, measured: frozenset[str], names: dict[str, str]) -> bool:
    """Return whether arithmetic on a clock's value is the value of ``expression``.

    A call gets the time as an argument and returns something else, so its arguments do not count.
    """
    if isinstance(expression, ast.Name):
        return expression.id in measured
    if isinstance(expression, ast.Call):
        is_loop_time = isinstance(expression.func, ast.Attribute) and (
            expression.func.attr == "time" and "loop" in ast.unparse(expression.func.value)
        )
        return is_loop_time or dotted(expression.func, names) in CLOCKS
    if isinstance(expression, ast.BinOp):
        return _reads(expression.left, measured, names) or _reads(expression.right, measured, names)
    if isinstance(expression, ast.Compare):
        sides = (expression.left, *expression.comparators)
        return any(_reads(side, measured, names) for side in sides)
    if isinstance(expression, ast.BoolOp):
        return any(_reads(value, measured, names) for value in expression.values)
    return isinstance(expression, ast.UnaryOp) and _reads(expression.operand, measured, names)


RULE = Rule(
    name="no-wall-clock",
    why="Time on a shared machine varies tenfold; such an assertion fails for no reason or is so "
    "generous that it proves nothing.",
    blind_spot="Times that a helper measured and returned.",
    escape=f"{INLINE_ESCAPE} (a bound that the project promises to its users)",
    check=_check,
)
