"""``python -m netra_ops.check.error_codes``: each error code belongs to one class.

Why: clients and dashboards match on codes. Two classes with one code have two statuses or two
retry classes sooner or later, and the reader of a log cannot know which one was raised.

Exempt: a package of ``SEPARATE`` is published alone and cannot import the shared tree; its codes
are compared among themselves. A subclass that sets no ``code`` inherits its parent's.

Exit status: 0 nothing found, 1 findings.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netra_ops.check.checks import tracked_files

ROOT = Path(__file__).parents[2]
SEPARATE = ("netra_client", "netra_cloud")


@dataclass(frozen=True, slots=True, order=True)
class CodedClass:
    """An error class that sets a code."""

    code: str
    path: str
    line: int
    name: str


def coded_classes(path: str, source: str) -> Iterator[CodedClass]:
    """Yield the classes of ``source`` whose body assigns a string literal to ``code``.

    Raises:
        SyntaxError: ``source`` is not Python.
    """
    for node in ast.walk(ast.parse(source, path)):
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        for statement in node.body:
            code = _code(statement)
            if code is not None:
                yield CodedClass(code, path, node.lineno, node.name)


def _code(statement: ast.stmt) -> str | None:
    """Return the value of ``code = "..."`` or ``code: ClassVar[str] = "..."``."""
    targets: Sequence[ast.expr] = ()
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = (statement.target,)
    else:
        return None
    named = any(isinstance(target, ast.Name) and target.id == "code" for target in targets)
    value = statement.value
    if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return None


def shared_codes(classes: Sequence[CodedClass]) -> Mapping[str, list[CodedClass]]:
    """Return the codes that more than one class of a package group sets."""
    by_code: dict[tuple[str, str], list[CodedClass]] = defaultdict(list)
    for item in sorted(classes):
        package = item.path.partition("/")[0]
        by_code[package if package in SEPARATE else "", item.code].append(item)
    return {key[1]: found for key, found in by_code.items() if len(found) > 1}


def main() -> int:
    """Check every tracked module outside tests; write the findings and return the exit status."""
    files = [
        path for path in tracked_files(ROOT) if path.suffix == ".py" and "tests" not in path.parts
    ]
    classes = [
        item
        for path in files
        for item in coded_classes(path.as_posix(), (ROOT / path).read_text("utf-8"))
    ]
    found = shared_codes(classes)
    for code, owners in found.items():
        places = ", ".join(f"{item.name} ({item.path}:{item.line})" for item in owners)
        sys.stdout.write(f"error code {code!r} has {len(owners)} classes: {places}; keep one\n")
    sys.stdout.write(f"{len(found)} shared code(s) among {len(classes)} classes\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
