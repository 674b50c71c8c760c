"""Whether pending migrations suit the release that serves now.

During a shift, and after a rollback, the former code works on the new schema. So a migration may
only add: tables, indexes, columns that are nullable or have a default. What it must not do in the
release that stops using a thing is to remove or tighten that thing.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Statements that can break code that does not know them, by PostgreSQL's grammar.
_BREAKING = (
    (re.compile(r"\bDROP\s+(TABLE|COLUMN|TYPE|VIEW|SCHEMA|FUNCTION)\b"), "drops a {0}"),
    (re.compile(r"\bRENAME\s+(TO|COLUMN|CONSTRAINT)\b"), "renames"),
    (re.compile(r"\bALTER\s+COLUMN\s+\w+\s+(SET\s+NOT\s+NULL|(?:SET\s+DATA\s+)?TYPE)\b"), "{0}"),
    (re.compile(r"\bTRUNCATE\b"), "truncates"),
    (
        re.compile(r"\bADD\s+COLUMN\s+(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\bDEFAULT\b)(\w+)"),
        "adds column {0} as NOT NULL without a default",
    ),
)
_BREAKING_CALLS = {
    "drop_table": "drops a table",
    "drop_column": "drops a column",
    "rename_table": "renames a table",
    "alter_column": "alters a column",
}
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class Migration:
    """One pending migration and what speaks against running it beside the former code."""

    schema: str
    revision: str
    problems: tuple[str, ...]


def read_migration(schema: str, path: Path) -> Migration:
    """Judge one Alembic script without running it."""
    tree = ast.parse(path.read_text(), filename=str(path))
    values = _constants(tree)
    upgrade = next(
        (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "upgrade"), None
    )
    found: list[str] = []
    for node in ast.walk(upgrade) if upgrade else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            found += [_BREAKING_CALLS[name]] if name in _BREAKING_CALLS else []
        found += [words for text in _texts(node, values) for words in breaking_words(text)]
    return Migration(schema, str(values.get("revision", path.stem)), tuple(dict.fromkeys(found)))


def breaking_words(sql: str) -> Iterator[str]:
    """Yield what in some SQL can break code that does not know it."""
    plain = _LITERAL.sub("''", sql).upper()
    for pattern, words in _BREAKING:
        for match in pattern.finditer(plain):
            yield words.format(*(" ".join(group.lower().split()) for group in match.groups()))


def _constants(tree: ast.Module) -> Mapping[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _texts(node: ast.AST, values: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in values:
        yield values[node.id]
