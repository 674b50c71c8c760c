"""No skip and no expected failure without an issue."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import Hit, Rule
from test_framework.integrity.names import dotted, imported_names
from test_framework.integrity.source import Source, parent
from test_framework.skip_reasons import is_accounted_for, load_accepted

WITHOUT_REASON = frozenset({"unittest.skip", "unittest.skipIf", "unittest.skipUnless"})
# name: position of the reason among the arguments; None when it only comes by keyword
WITH_REASON: dict[str, int | None] = {
    "pytest.skip": 0,
    "pytest.xfail": 0,
    "pytest.mark.skip": 0,
    "pytest.mark.skipif": None,
    "pytest.mark.xfail": None,
    "pytest.importorskip": None,
}


def _check(source: Source) -> Iterator[Hit]:
    names = imported_names(source)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        name = dotted(node, names)
        call = parent(node)
        called = call if isinstance(call, ast.Call) and call.func is node else None
        if name in WITHOUT_REASON and called is not None:
            yield node, f"{name} is not pytest's; use pytest.mark.skipif with a reason"
        elif name in WITH_REASON and (called is not None or name.startswith("pytest.mark.")):
            yield from _judge(node, name, called)
    yield from _collection_bypasses(source)


def _judge(node: ast.AST, name: str, call: ast.Call | None) -> Iterator[Hit]:
    reason = None if call is None else _reason(call, WITH_REASON[name])
    if reason is None:
        yield node, f"{name} gives no literal reason"
    elif not is_accounted_for(reason, load_accepted()):
        yield node, f"{name}: the reason {reason!r} names no issue and is not on file"


def _reason(call: ast.Call, position: int | None) -> str | None:
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "reason"), None)
    if given is None and position is not None and len(call.args) > position:
        given = call.args[position]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return None


def _collection_bypasses(source: Source) -> Iterator[Hit]:
    """Find what keeps tests from being collected at all."""
    for node in source.tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in {
                "collect_ignore",
                "collect_ignore_glob",
            }:
                yield node, f"{target.id} hides tests from every report"
            if (
                source.is_test_module
                and isinstance(target, ast.Name)
                and target.id == "__test__"
                and isinstance(node.value, ast.Constant)
                and not node.value.value
            ):
                yield node, "__test__ = False hides the whole module from every report"


RULE = Rule(
    name="skip-needs-issue",
    why="A skipped test counts as green. With an issue someone owns bringing it back.",
    blind_spot="Whether the issue is open; tests removed or renamed so that they are not "
    "collected (the runner's floor notices those).",
    escape="the reason names an issue, or is in test_framework/accepted_skips.toml",
    check=_check,
)
