import json
from pathlib import Path

import pytest

from netra_ops.check.prose.__main__ import (
    ROOT,
    as_text,
    chosen_files,
    count_by_room,
    excuse,
    main,
)
from netra_ops.check.prose.rooms import Allowed
from netra_ops.check.prose.scan import Finding, Scan

FINDING = Finding("netra_shared/a.py", 1, "away", "unavailable")


def test_the_enforced_rooms_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    status = main([])
    assert status == 0, capsys.readouterr().out


def test_counts_are_per_ten_thousand_words() -> None:
    scans = {
        Path("netra_shared/a.py"): Scan(5000, [FINDING]),
        Path("docs/b.md"): Scan(5000),
        Path("empty/c.md"): Scan(0),
    }
    counts = count_by_room(scans, [FINDING])
    assert [(row["room"], row["found"], row["rate"]) for row in counts] == [
        ("docs", 0, 0.0),
        ("netra_shared", 1, 2.0),
        ("total", 1, 1.0),
    ]
    assert "away 2.0" in as_text(counts)


def test_an_exception_excuses_its_file_and_word_only() -> None:
    fits = Allowed("netra_shared/a.py", "away", "a quote")
    other = Allowed("netra_shared/b.py", "away", "a quote")
    assert excuse([FINDING], [fits, other]) == ([], [other])
    assert excuse([FINDING], [other]) == ([FINDING], [other])
    assert excuse([FINDING], [Allowed("netra_shared", "*", "test data")]) == ([], [])


def test_json_has_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "--json", str(ROOT / "docs" / "glossary.md")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[-1]["room"] == "total"
    assert rows[-1]["words"] > 100


def test_paths_choose_tracked_files() -> None:
    files = chosen_files(ROOT, [ROOT / "netra_ops" / "check" / "prose"])
    assert Path("netra_ops/check/prose/scan.py") in files
    assert all(file.as_posix().startswith("netra_ops/check/prose/") for file in files)
