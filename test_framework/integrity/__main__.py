"""``python -m test_framework.integrity [PATH...] [--explain] [--json]``.

Exit status: 0 nothing found, 1 violations, 2 wrong usage.
"""

import argparse
import dataclasses
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from test_framework.integrity.registry import RULES
from test_framework.integrity.scan import files_to_scan, scan
from test_framework.project import PROJECT_ROOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Scan and report; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m test_framework.integrity",
        description="Find tests that pass without testing.",
    )
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders; default: all tests")
    parser.add_argument("--explain", action="store_true", help="describe the rules and exit")
    parser.add_argument("--json", action="store_true", help="write the findings as JSON")
    options = parser.parse_args(arguments)
    if options.explain:
        sys.stdout.write(explanation())
        return 0
    paths = [path.resolve() for path in options.paths]
    for path in paths:
        if not path.exists() or not path.is_relative_to(PROJECT_ROOT):
            parser.error(f"{path} does not exist in {PROJECT_ROOT}")
    findings = scan(PROJECT_ROOT, paths)
    if options.json:
        sys.stdout.write(json.dumps([dataclasses.asdict(item) for item in findings]) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
        files = sum(1 for _ in files_to_scan(PROJECT_ROOT, paths))
        sys.stdout.write(f"{len(findings)} violation(s) in {files} test files\n")
    return 1 if findings else 0


def explanation() -> str:
    """Return every rule with its reason, its blind spot and its escape hatch."""
    parts = []
    for rule in RULES:
        facts = (("why", rule.why), ("blind spot", rule.blind_spot), ("escape", rule.escape))
        lines = [
            textwrap.fill(f"{name}: {text}", 96, initial_indent="  ", subsequent_indent="    ")
            for name, text in facts
        ]
        parts.append("\n".join([rule.name, *lines]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
