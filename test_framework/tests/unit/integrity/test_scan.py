"""Escapes, the allow-list, and the command line."""

from pathlib import Path

import pytest

from test_framework.integrity.__main__ import explanation
from test_framework.integrity.registry import RULES, Allowed, load_allow_list
from test_framework.integrity.scan import files_to_scan, scan, scan_source
from test_framework.integrity.source import Source

SLEEP = "import time\ndef test_x():\n    {above}time.sleep(1){behind}\n    assert x\n"


def rules_broken(code: str) -> list[str]:
    return [finding.rule for finding in scan_source(Source("tests/test_x.py", code))]


@pytest.mark.parametrize(
    ("above", "behind", "excused"),
    [
        ("", "  # integrity: allow no-sleep: the kernel needs this", True),
        ("# integrity: allow no-sleep: the kernel needs\n    # this long\n    ", "", True),
        ("", "  # integrity: allow no-sleep: because", False),
        ("", "  # integrity: allow no-sleep:", False),
        ("", "  # integrity: allow no-mock: the wrong rule here", False),
        ("# integrity: allow no-sleep: too far off\n    x = 1\n    ", "", False),
        ("'# integrity: allow no-sleep: only a string'\n    ", "", False),
    ],
)
def test_an_inline_escape_needs_its_rule_its_place_and_a_reason(
    above: str,
    behind: str,
    excused: bool,  # noqa: FBT001  # pytest parameter
) -> None:
    assert ("no-sleep" not in rules_broken(SLEEP.format(above=above, behind=behind))) is excused


def test_a_rule_without_inline_escape_cannot_be_escaped() -> None:
    code = "import fakeredis  # integrity: allow no-mock: it is so much faster"
    assert rules_broken(code) == ["no-mock"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, code in {
        "tests/unit/test_fake.py": "import fakeredis\n",
        "tests/support.py": "import fakeredis\n",
        "room/tests/test_broken.py": "def test_x(:\n",
        "room/conftest.py": "collect_ignore = []\n",
        "room/app.py": "import fakeredis\n",
        "node_modules/tests/test_y.py": "import fakeredis\n",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
    return tmp_path


def test_tests_support_modules_and_conftests_are_scanned_and_nothing_else(project: Path) -> None:
    names = {file.relative_to(project).as_posix() for file in files_to_scan(project)}
    assert names == {
        "tests/unit/test_fake.py", "tests/support.py", "room/tests/test_broken.py",
        "room/conftest.py",
    }  # fmt: skip


def test_findings_are_sorted_and_a_file_that_is_no_python_is_one(project: Path) -> None:
    found = [(item.path, item.rule) for item in scan(project, allowed=())]
    assert found == [
        ("room/conftest.py", "skip-needs-issue"),
        ("room/tests/test_broken.py", "syntax"),
        ("tests/support.py", "no-mock"),
        ("tests/unit/test_fake.py", "no-mock"),
    ]


def test_the_allow_list_excuses_one_rule_in_one_file_and_must_be_needed(project: Path) -> None:
    allowed = (
        Allowed("no-mock", "tests/support.py", "shows the rule"),
        Allowed("no-mock", "tests/gone.py", "was needed once"),
    )
    found = {(item.path, item.rule): item.message for item in scan(project, allowed=allowed)}
    assert ("tests/support.py", "no-mock") not in found
    assert ("tests/unit/test_fake.py", "no-mock") in found
    assert "tests/gone.py" in found["allow_list.toml", "no-mock"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('rule = "no-mock"\npath = "x"', "exactly rule, path and because"),
        ('rule = "no-mock"\npath = "x"\nbecause = " "', "exactly rule, path and because"),
        ('rule = "no-such"\npath = "x"\nbecause = "y"', "there is no rule 'no-such'"),
    ],
)
def test_an_allow_list_entry_is_complete(tmp_path: Path, entry: str, words: str) -> None:
    file = tmp_path / "allow_list.toml"
    file.write_text(f"[[allow]]\n{entry}\n")
    with pytest.raises(ValueError, match=words):
        load_allow_list(file)


def test_the_explanation_names_every_rule() -> None:
    text = explanation()
    assert all(f"{rule.name}\n" in text for rule in RULES)
    assert text.count("blind spot:") == len(RULES)
