"""``python -m netra_ops.check.prose [--count] [--json] [PATH...]``: replaced words in prose.

Without options the enforced rooms are checked; with paths these are, enforced or not.

Exit status: 0 nothing found, 1 findings, 2 wrong usage.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from netra_ops.check.checks import tracked_files
from netra_ops.check.prose.glossary import load_glossary
from netra_ops.check.prose.rooms import Allowed, load_rooms, room_of
from netra_ops.check.prose.scan import Finding, Scan, Words, has_prose, scan_source

ROOT = Path(__file__).parents[3]
GLOSSARY = ROOT / "docs" / "glossary.md"
PER = 10_000
EXAMPLES = """examples:
  python -m netra_ops.check.prose                      check the enforced rooms
  python -m netra_ops.check.prose netra_backend/app    list every finding of a folder
  python -m netra_ops.check.prose --count              count per 10,000 words, by room"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or count; return the exit status."""
    options = _parser().parse_args(arguments)
    files = chosen_files(ROOT, options.paths)
    rooms = load_rooms()
    if not options.paths and not options.count:
        files = [file for file in files if rooms.enforces(file.as_posix())]
    words = Words(load_glossary(GLOSSARY))
    scans = {
        path: scan_source(path, (ROOT / path).read_text("utf-8"), words, names=not options.count)
        for path in files
    }
    findings, unused = excuse([item for scan in scans.values() for item in scan.findings],
                              rooms.allowed)  # fmt: skip
    if options.count:
        counts = count_by_room(scans, findings)
        sys.stdout.write(json.dumps(counts) + "\n" if options.json else as_text(counts))
        return 0
    if not options.paths:
        findings += [
            Finding("netra_ops/check/prose/rooms.toml", 1, item.word, f"unused for {item.path}")
            for item in unused
        ]
    if options.json:
        places = [[item.path, item.line, item.word, item.write] for item in findings]
        sys.stdout.write(json.dumps(places) + "\n")
    else:
        sys.stdout.writelines(f"{item}\n" for item in findings)
        sys.stdout.write(f"{len(findings)} replaced word(s) in {len(files)} files\n")
    return 1 if findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m netra_ops.check.prose",
        description="Find words that docs/glossary.md replaces.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders of the repository")
    parser.add_argument("--count", action="store_true", help="count per 10,000 words, by room")
    parser.add_argument("--json", action="store_true", help="write JSON")
    return parser


def chosen_files(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Return the tracked files with prose below ``paths``, relative to ``root``; all by default."""
    chosen = [path.resolve() for path in paths]
    return [
        file
        for file in sorted(tracked_files(root))
        if has_prose(file)
        and (not chosen or any((root / file).is_relative_to(path) for path in chosen))
    ]


def excuse(
    findings: Sequence[Finding], allowed: Sequence[Allowed]
) -> tuple[list[Finding], list[Allowed]]:
    """Return the findings without an exception, and the exceptions that excuse nothing."""
    used: set[Allowed] = set()
    left = []
    for item in findings:
        match = [entry for entry in allowed if entry.covers(item.path, item.word)]
        used.update(match)
        if not match:
            left.append(item)
    return left, [entry for entry in allowed if entry not in used]


def count_by_room(scans: dict[Path, Scan], findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Return per room, and in total: words, occurrences, occurrences per 10,000 words."""
    words: Counter[str] = Counter()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for path, scan in scans.items():
        words[room_of(path.as_posix())] += scan.words
    for item in findings:
        found[room_of(item.path)][item.word] += 1
    total: Counter[str] = Counter()
    for counter in found.values():
        total.update(counter)
    rows = [_count(room, words[room], found[room]) for room in sorted(words) if words[room]]
    return [*rows, _count("total", words.total(), total)]


def _count(room: str, words: int, found: Counter[str]) -> dict[str, object]:
    per = {word: round(number * PER / words, 1) for word, number in found.most_common()}
    rate = round(found.total() * PER / words, 1) if words else 0.0
    return {"room": room, "words": words, "found": found.total(), "rate": rate, "per_word": per}


def as_text(counts: Sequence[dict[str, object]]) -> str:
    """Return the counts as a table, with the most frequent words of each room."""
    lines = [f"{'room':36} {'words':>7} {'found':>6} {'per 10,000':>10}  most frequent"]
    for row in counts:
        per = row["per_word"]
        assert isinstance(per, dict)  # noqa: S101  # built by _count
        top = ", ".join(f"{word} {rate}" for word, rate in list(per.items())[:6])
        lines.append(
            f"{row['room']:36} {row['words']:>7} {row['found']:>6} {row['rate']:>10}  {top}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
