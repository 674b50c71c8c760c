from pathlib import Path

import pytest

from netra_ops.check.prose.glossary import Replacement
from netra_ops.check.prose.scan import Words, has_prose, scan_source

GLOSSARY = (
    Replacement(("away",), "unavailable", ("going away",)),
    Replacement(("begun",), "started", ()),
    Replacement(("at once",), "immediately", ("two at once",)),
)
WORDS = Words(GLOSSARY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Valkey is away.", ["away"]),
        ("1001 Going Away", []),
        ("It has Begun", ["begun"]),
        ("begun-in", []),
        ("at\nonce", ["at once"]),
        ("two at once", []),
        ("`begun`", []),
        ("", []),
    ],
)
def test_whole_words_are_found(text: str, found: list[str]) -> None:
    assert [word for _, word, _ in WORDS.find(text)] == found


def test_an_empty_glossary_finds_nothing() -> None:
    assert list(Words(()).find("away")) == []


@pytest.mark.parametrize(
    ("name", "source", "lines"),
    [
        ("a.py", '"""One.\n\nIt is away.\n"""\n', [3]),
        ("a.py", "begun = 1\n", [1]),
        ("a.ts", "// away\n", [1]),
        ("a.tsx", "<p>It is away</p>\n", [1]),
        ("a.md", "one\nis away\n", [2]),
        ("a.toml", "x = 1 # away\n", [1]),
        ("a.lua", "-- away\n", [1]),
        ("Dockerfile", "# away\n", [1]),
        ("run", "#!/bin/sh\n# away\n", [2]),
        ("a.bin", "# away\n", []),
    ],
)
def test_each_type_of_file_is_read(name: str, source: str, lines: list[int]) -> None:
    assert [item.line for item in scan_source(Path(name), source, WORDS).findings] == lines


def test_names_are_optional_and_count_no_words() -> None:
    scan = scan_source(Path("a.py"), "begun = 1  # two words\n", WORDS, names=False)
    assert (scan.words, scan.findings) == (2, [])


def test_a_finding_names_place_word_and_replacement() -> None:
    (finding,) = scan_source(Path("a.md"), "is away\n", WORDS).findings
    assert str(finding) == "a.md:1: replaced word 'away'; write: unavailable"


def test_locks_and_licences_are_not_read() -> None:
    assert not has_prose(Path("LICENSE"))
    assert not has_prose(Path("uv.lock"))
    assert has_prose(Path("README.md"))
