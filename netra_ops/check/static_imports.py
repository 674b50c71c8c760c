"""``python -m netra_ops.check.static_imports [FILE...]``: every import of a service is static.

ruff's PLC0415 sees an import statement below module level. It does not see a module that is
loaded by name, from text or through a hook; this rule does. One file may: the preloader.

Exit status: 0 nothing found, 1 findings.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("netra_backend", "auth_service", "netra_shared")
# What may load by name, and why. A file that no longer needs its place here is a finding.
MAY_IMPORT_BY_NAME = {
    "netra_backend/app/core/module_preloader.py": "imports everything before the first socket",
}
LOADERS = frozenset(
    {"builtins", "code", "codeop", "imp", "importlib", "pkgutil", "runpy", "zipimport"}
)
# They read what is installed and describe it; they load nothing.
HARMLESS = ("importlib.machinery", "importlib.metadata", "importlib.resources")
FROM_TEXT = frozenset({"__import__", "compile", "eval", "exec"})


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place and what is wrong with it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def check_source(path: str, source: str) -> list[Finding]:
    """Return the imports of ``source`` that are not static at the top of the module.

    Args:
        path: relative to the project; for the findings and the one exception.
        source: Python.
    """
    tree = ast.parse(source, filename=path)
    top = {id(node) for node in _top_level(tree)}
    by_name = [
        Finding(path, node.lineno, message) for node, message in _by_name(tree)
    ]  # what the preloader may
    if path in MAY_IMPORT_BY_NAME:
        found = [] if by_name else [Finding(path, 1, "the exception is unused; remove it")]
    else:
        found = by_name
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top:
            found.append(Finding(path, node.lineno, "import outside the top of the module"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
            message = "a module's __getattr__ makes names, and imports, at first use (PEP 562)"
            found.append(Finding(path, node.lineno, message))
    return sorted(found)


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the module's own statements and those under a plain ``if`` (TYPE_CHECKING)."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If):
            pending += [*node.body, *node.orelse]


def _by_name(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _loads(alias.name):
                    yield node, f"{alias.name} loads modules by name"
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            module = node.module or ""
            if any(_loads(f"{module}.{alias.name}") for alias in node.names) and _loads(module):
                yield node, f"{module} loads modules by name"
        elif isinstance(node, ast.Name) and node.id in FROM_TEXT:
            yield node, f"{node.id} runs or loads what is only known at run time"
        elif isinstance(node, ast.Attribute) and node.attr in {"__import__", "import_module"}:
            yield node, f"{node.attr} loads modules by name"


def _loads(module: str) -> bool:
    return module.partition(".")[0] in LOADERS and not module.startswith(HARMLESS)


def files_of_services(root: Path) -> list[Path]:
    """Return every Python file of the services and of what they share, tests included."""
    return sorted(path for service in SERVICES for path in (root / service).rglob("*.py"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the named files, by default all; write the findings and return the exit status."""
    root = Path(__file__).parents[2]
    names = sys.argv[1:] if arguments is None else arguments
    files = [Path(name).resolve() for name in names] or files_of_services(root)
    findings = [
        finding
        for file in files
        for finding in check_source(file.relative_to(root).as_posix(), file.read_text("utf-8"))
    ]
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(f"{len(findings)} import(s) that are not static in {len(files)} files\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
