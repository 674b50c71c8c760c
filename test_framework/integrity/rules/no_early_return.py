"""No test that leaves before it has asserted anything."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.source import FunctionNode, Source, own_nodes


def _check(source: Source) -> Iterator[Hit]:
    for test in source.tests():
        asserted = False
        for statement in test.body:
            if isinstance(statement, FunctionNode | ast.ClassDef):
                continue
            for node in (statement, *own_nodes(statement)):
                if isinstance(node, ast.Assert | ast.With | ast.AsyncWith):
                    asserted = True
                if isinstance(node, ast.Return) and not asserted:
                    yield node, f"{test.name} returns before it has asserted anything"


RULE = Rule(
    name="no-early-return",
    why="`if not available: return` is a skip that no report shows.",
    blind_spot="A return after a first, trivial assertion; a loop over an empty list.",
    escape=INLINE_ESCAPE,
    check=_check,
)
