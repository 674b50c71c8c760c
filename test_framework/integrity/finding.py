"""What a rule is and what it reports."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from test_framework.integrity.source import Source


@dataclass(frozen=True, order=True)
class Finding:
    """One violation, at ``path:line`` (1-based)."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        """Return the line that editors and CI logs link to the place."""
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


Hit = tuple[ast.AST | int, str]  # where (node or line number), and what is wrong there


@dataclass(frozen=True)
class Rule:
    """One lint.

    Args:
        name: in reports and in escape comments.
        why: what a violation hides.
        blind_spot: what the rule cannot see, so that no one relies on it for that.
        escape: how a justified case is written down.
        check: yields the violations in one file.
    """

    name: str
    why: str
    blind_spot: str
    escape: str
    check: Callable[[Source], Iterable[Hit]]


INLINE_ESCAPE = "on the line or in the comment above: # integrity: allow RULE: the reason"
NAMED_ESCAPE = "an entry with a reason in test_framework/integrity/allow_list.toml"
NO_ESCAPE = "none"
