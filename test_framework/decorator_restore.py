"""Writes commented-out ``@require_docker_services()`` back, and nothing else."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from test_framework.decorator_comments import NAME, Disabled, find_disabled

IMPORT = f"from test_framework.real_services import {NAME}"
_COMMENTED_IMPORT = re.compile(rf"^\s*#+\s*(?P<code>from\s+[\w.]+\s+import\s+{NAME})\s*(?:#.*)?$")


class RestoreRefused(Exception):
    """The restored text would differ from the original by more than decorators."""


@dataclass(frozen=True)
class Restored:
    """The outcome for one file.

    Args:
        text: the new content.
        decorators: what was restored.
        import_line: the import that had to be written, if any.
    """

    text: str
    decorators: tuple[Disabled, ...]
    import_line: str = ""


def restore(text: str) -> Restored:
    """Return ``text`` with its commented-out decorators restored.

    Line ends, indentation, blank lines and every other character stay as they are. When the name
    is not imported, the commented-out import is restored or one is added.

    Args:
        text: with its line ends as they are in the file.

    Raises:
        SyntaxError, tokenize.TokenError: ``text`` is no Python.
        RestoreRefused: a defect of this function; nothing may be written.
    """
    disabled = find_disabled(text)
    if not disabled:
        return Restored(text, ())
    lines = text.splitlines(keepends=True)
    for item in reversed(disabled):
        end = _line_end(lines[item.first_line - 1])
        first, *rest = item.decorator.split("\n")
        new = [
            item.indent + first,
            *(item.indent + line if line.strip() else line for line in rest),
        ]
        lines[item.first_line - 1 : item.last_line] = [line + end for line in new]
    import_line = _add_import(lines, disabled)
    result = "".join(lines)
    _prove_only_decorators_changed(text, result)
    return Restored(result, tuple(disabled), import_line)


def restore_file(path: Path, *, write: bool) -> Restored:
    """Restore one file in place, in its own encoding, byte order mark and line ends kept.

    Raises:
        OSError, SyntaxError, UnicodeDecodeError, tokenize.TokenError, RestoreRefused: the file
            was not touched.
    """
    raw = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    outcome = restore(raw.decode(encoding))
    if write and outcome.decorators:
        path.write_bytes(outcome.text.encode(encoding))
    return outcome


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the Python files that ``paths`` name or contain, hidden folders left out."""
    for path in paths:
        if path.is_file():
            yield path
        else:
            for file in sorted(path.rglob("*.py")):
                parts = file.relative_to(path).parts
                if not any(part.startswith(".") or part == "__pycache__" for part in parts):
                    yield file


def _line_end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :] or "\n"


def _add_import(lines: list[str], disabled: list[Disabled]) -> str:
    """Make sure that the plain name is bound; returns the import line that was written."""
    if all("." in item.decorator.partition("(")[0] for item in disabled):
        return ""  # module.require_docker_services: its import was not commented out with it
    tree = ast.parse("".join(lines))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import) and any(
            (alias.asname or alias.name) in {NAME, "*"} for alias in node.names
        ):
            return ""
        if isinstance(node, ast.FunctionDef) and node.name == NAME:
            return ""
    for number, line in enumerate(lines):
        match = _COMMENTED_IMPORT.match(line.rstrip("\r\n"))
        if match and _is_top_level_comment(lines, number):
            lines[number] = match["code"] + _line_end(line)
            return match["code"]
    position = _after_imports(tree)
    lines.insert(position, IMPORT + _line_end(lines[max(position - 1, 0)]))
    return IMPORT


def _is_top_level_comment(lines: list[str], number: int) -> bool:
    tokens = tokenize.generate_tokens(io.StringIO("".join(lines)).readline)
    return any(
        token.type == tokenize.COMMENT and token.start == (number + 1, 0) for token in tokens
    )


def _after_imports(tree: ast.Module) -> int:
    """Return the index of the line after the last import at the top, or after the docstring."""
    position = 0
    for index, node in enumerate(tree.body):
        is_docstring = (
            index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        if not (is_docstring or isinstance(node, ast.Import | ast.ImportFrom)):
            break
        position = node.end_lineno or position
    return position


def _prove_only_decorators_changed(before: str, after: str) -> None:
    """Compare both syntax trees without the decorator and its import."""
    if _shape(before) != _shape(after):
        raise RestoreRefused("the result would differ by more than the decorators")


def _shape(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = [d for d in node.decorator_list if NAME not in ast.unparse(d)]
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.ImportFrom) and [a.name for a in node.names] == [NAME])
    ]
    return ast.dump(tree)
