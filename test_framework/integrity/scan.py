"""Applies every rule to every test file."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from test_framework.integrity.finding import INLINE_ESCAPE, Finding, Rule
from test_framework.integrity.registry import ALLOW_LIST_FILE, RULES, Allowed, load_allow_list
from test_framework.integrity.source import Source

NOT_OURS = frozenset(
    {".git", ".venv", "node_modules", "mutants", "dist", "reports", "__pycache__", ".netra"}
)
TEST_FOLDERS = frozenset({"tests", "benchmarks"})


def files_to_scan(root: Path, paths: Sequence[Path] = ()) -> Iterator[Path]:
    """Yield the Python files in test folders below ``paths``, by default of ``root``.

    Everything in a folder called ``tests`` is looked at, support modules too: a bypass in a
    helper is a bypass.
    """
    for start in paths or (root,):
        if start.is_file():
            yield start
            continue
        for path in sorted(start.rglob("*.py")):
            parts = path.relative_to(root).parts
            hidden = NOT_OURS.intersection(parts)
            if not hidden and (TEST_FOLDERS.intersection(parts[:-1]) or path.name == "conftest.py"):
                yield path


def scan_source(source: Source, rules: Iterable[Rule] = RULES) -> Iterator[Finding]:
    """Yield what the rules find in one file and no inline comment excuses."""
    for rule in rules:
        for place, message in rule.check(source):
            line = place if isinstance(place, int) else getattr(place, "lineno", 1)
            if INLINE_ESCAPE in rule.escape and source.allows(rule.name, line):
                continue
            yield Finding(source.path, line, rule.name, message)


def scan(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    allowed: tuple[Allowed, ...] | None = None,
) -> list[Finding]:
    """Return every violation below ``paths``, sorted by place.

    Args:
        root: the project; reported paths are relative to it.
        paths: files and folders; the whole project when empty.
        allowed: the named exceptions; the file's when None.
    """
    exceptions = load_allow_list() if allowed is None else allowed
    excused = {(entry.rule, entry.path): False for entry in exceptions}
    findings = []
    for file in files_to_scan(root, paths):
        try:
            source = Source.read(file, root)
        except SyntaxError as error:
            name = file.relative_to(root).as_posix()
            findings.append(Finding(name, error.lineno or 1, "syntax", f"no Python: {error.msg}"))
            continue
        for finding in scan_source(source):
            if (finding.rule, finding.path) in excused:
                excused[finding.rule, finding.path] = True
            else:
                findings.append(finding)
    if not paths:
        name = ALLOW_LIST_FILE.name
        findings += [
            Finding(name, 1, rule, f"excuses {path}, which does not need it; remove the entry")
            for (rule, path), used in excused.items()
            if not used
        ]
    return sorted(findings)
