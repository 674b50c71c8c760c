"""One test file, parsed once for all rules."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_ALLOW = re.compile(r"#\s*integrity:\s*allow\s+(?P<rule>[a-z-]+)\s*:\s*(?P<reason>\S.*)")
_MIN_REASON_WORDS = 3


@dataclass
class Source:
    """Text, syntax tree and comments of a file.

    Args:
        path: as it is reported, relative to the project.
        text: its content.
    """

    path: str
    text: str
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text, self.path)
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                child.parent = node  # type: ignore[attr-defined]  # the tree has no upward links

    @classmethod
    def read(cls, file: Path, root: Path) -> "Source":
        """Parse ``file``.

        Raises:
            SyntaxError: it is no Python.
        """
        with tokenize.open(file) as opened:
            return cls(file.relative_to(root).as_posix(), opened.read())

    @cached_property
    def comments(self) -> dict[int, str]:
        """Every comment by its line."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    @cached_property
    def is_test_module(self) -> bool:
        """Whether pytest collects tests here (not a conftest.py, not a support module)."""
        name = Path(self.path).name
        return name.startswith("test_") or name.endswith("_test.py")

    def tests(self) -> Iterator[FunctionNode]:
        """Yield every test function: module level, or method of a class named Test*."""
        if not self.is_test_module:
            return
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode) and node.name.startswith("test"):
                owner = parent(node)
                in_class = isinstance(owner, ast.ClassDef) and owner.name.startswith("Test")
                if isinstance(owner, ast.Module) or in_class:
                    yield node

    def allows(self, rule: str, line: int) -> bool:
        """Return whether a comment on ``line`` or in the comment block above excuses ``rule``."""
        candidates = [line]
        above = line - 1
        lines = self.text.splitlines()
        while above >= 1 and lines[above - 1].lstrip().startswith("#"):
            candidates.append(above)
            above -= 1
        for number in candidates:
            match = _ALLOW.search(self.comments.get(number, ""))
            if match and match["rule"] == rule:
                return len(match["reason"].split()) >= _MIN_REASON_WORDS
        return False


def parent(node: ast.AST) -> ast.AST | None:
    """Return the node around ``node``; None for the module."""
    found: ast.AST | None = getattr(node, "parent", None)
    return found


def enclosing(node: ast.AST, kinds: type | tuple[type, ...]) -> ast.AST | None:
    """Return the nearest node of ``kinds`` around ``node``; None when there is none."""
    around = parent(node)
    while around is not None and not isinstance(around, kinds):
        around = parent(around)
    return around


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of ``function`` without those of functions and lambdas defined in it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, FunctionNode | ast.Lambda | ast.ClassDef):
            yield from own_nodes(child)
