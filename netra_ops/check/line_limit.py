"""``python -m netra_ops.check.line_limit``: no source file has more than 400 lines.

Why: a module is one idea. Beyond 400 lines a reader scrolls instead of reading, and the file has
more than one reason to change.

Exempt: files of ``GENERATED``, which are written by a tool; Markdown, whose pages have a table of
contents. An exemption of a file that is not tracked is a finding.

Exit status: 0 nothing found, 1 findings.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from netra_ops.check.checks import tracked_files

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
SOURCES = frozenset({".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".sh", ".lua", ".tf", ".yml"})
# Files that a tool writes, and which tool.
GENERATED: Mapping[str, str] = {}


def too_long(lengths: Mapping[str, int], generated: Mapping[str, str]) -> list[str]:
    """Return the findings for files with their numbers of lines, sorted by path."""
    findings = [
        f"{path}: {lines} lines, the limit is {MAX_LINES}; split it by idea"
        for path, lines in sorted(lengths.items())
        if lines > MAX_LINES and path not in generated
    ]
    findings += [
        f"{path}: exempt as written by {tool}, but not tracked; remove the exemption"
        for path, tool in sorted(generated.items())
        if path not in lengths
    ]
    return findings


def main() -> int:
    """Check every tracked source file; write the findings and return the exit status."""
    lengths = {}
    for path in tracked_files(ROOT):
        if path.suffix in SOURCES:
            lengths[path.as_posix()] = (ROOT / path).read_bytes().count(b"\n")
    findings = too_long(lengths, GENERATED)
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(f"{len(findings)} file(s) of {len(lengths)} are too long\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
