"""Every test expects something."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import INLINE_ESCAPE, Hit, Rule
from test_framework.integrity.names import last_name
from test_framework.integrity.source import FunctionNode, Source

# Names of helpers that fail by themselves when what they wait for or check does not hold.
EXPECTING_PREFIXES = (
    "assert", "check", "expect", "verify", "prove", "require", "must", "eventually", "until",
    "wait_until", "wait_for", "run_state_machine",
)  # fmt: skip
EXPECTING_NAMES = frozenset({"raises", "warns", "fail", "hold", "deprecated_call"})


def _check(source: Source) -> Iterator[Hit]:
    functions = {
        node.name: node for node in ast.walk(source.tree) if isinstance(node, FunctionNode)
    }
    for test in source.tests():
        if not _expects(test, functions, set()):
            yield test, f"{test.name} asserts nothing and expects no error"


def _expects(function: FunctionNode, functions: dict[str, FunctionNode], seen: set[str]) -> bool:
    seen.add(function.name)
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if not isinstance(node, ast.Call):
            continue
        name = last_name(node.func)
        bare = name.lstrip("_")
        if bare in EXPECTING_NAMES or bare.startswith(EXPECTING_PREFIXES):
            return True
        helper = functions.get(name)
        if helper is not None and name not in seen and _expects(helper, functions, seen):
            return True
    return False


RULE = Rule(
    name="must-assert",
    why="A test that only calls the code passes as long as nothing raises, and is counted as "
    "proof.",
    blind_spot="Helpers from other files are believed by their name "
    "(assert_*, check_*, expect_*, verify_*, until*, wait_until*).",
    escape=INLINE_ESCAPE,
    check=_check,
)
