#!/usr/bin/env python3
"""Restores ``@require_docker_services()`` wherever it was commented out.

    python scripts/restore_test_decorators.py [--check] [PATH...]

Without paths: ``tests/`` and every other folder called ``tests``. ``--check`` writes nothing and
exits 1 when something would be restored. Exit status: 0 done, 1 see above, 2 a file could not be
read or is no Python (the others are done nevertheless).
"""

import argparse
import sys
import tokenize
from pathlib import Path

from test_framework.decorator_restore import RestoreRefused, python_files, restore_file
from test_framework.project import PROJECT_ROOT as ROOT

HIDDEN = frozenset({"node_modules", "mutants", "dist"})


def main() -> int:
    """Restore and report; returns the exit status."""
    parser = argparse.ArgumentParser(description="Restore commented-out test decorators.")
    parser.add_argument("--check", action="store_true", help="only list what would be restored")
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders")
    options = parser.parse_args()
    for path in options.paths:
        if not path.exists():
            parser.error(f"{path} does not exist")
    restored = files = unreadable = 0
    for path in python_files(options.paths or _default_paths()):
        try:
            outcome = restore_file(path, write=not options.check)
        except (OSError, SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
            print(f"{_shown(path)}: not touched: {error}", file=sys.stderr)
            unreadable += 1
            continue
        except RestoreRefused as error:
            print(f"{_shown(path)}: refused: {error}", file=sys.stderr)
            unreadable += 1
            continue
        files += 1
        restored += len(outcome.decorators)
        for item in outcome.decorators:
            remark = f"  (was: {item.remark})" if item.remark else ""
            print(f"{_shown(path)}:{item.first_line}: {item.decorator.split(chr(10))[0]}{remark}")
        if outcome.import_line:
            print(f"{_shown(path)}: {outcome.import_line}")
    verb = "to restore" if options.check else "restored"
    print(f"{restored} decorator(s) {verb} in {files} files")
    if unreadable:
        return 2
    return 1 if options.check and restored else 0


def _default_paths() -> list[Path]:
    folders = [
        path
        for path in ROOT.rglob("tests")
        if path.is_dir()
        and not HIDDEN.intersection(path.relative_to(ROOT).parts)
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    return [path for path in folders if not any(other in path.parents for other in folders)]


def _shown(path: Path) -> str:
    absolute = path.resolve()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
