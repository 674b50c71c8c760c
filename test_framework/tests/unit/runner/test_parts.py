"""Floors, table, categories, skip reasons and reports."""

from pathlib import Path

import pytest

from test_framework.categories import CATEGORIES, category_of, objection
from test_framework.external_stores import ExternalStores
from test_framework.outcomes import Outcomes, TestOutcome
from test_framework.runner.floors import read_floors, write_raised
from test_framework.runner.html_report import render as render_html
from test_framework.runner.options import parse_options
from test_framework.runner.pytest_process import closing_line, command
from test_framework.runner.table import render, rows, skips, slowest
from test_framework.skip_reasons import AcceptedSkip, is_accounted_for, load_accepted

TESTS = (
    TestOutcome("a/tests/unit/test_x.py::test_fast", "unit", "passed", 0.5),
    TestOutcome("a/tests/unit/test_x.py::test_slow", "unit", "failed", 2.0, "boom", "<trace & so>"),
    TestOutcome("tests/e2e/test_y.py::test_s", "e2e", "skipped", 0.0, "#12"),
)
OUTCOMES = Outcomes(TESTS, frozenset(test.nodeid for test in TESTS))


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("netra_shared/tests/unit/test_x.py", "unit"),
        ("tests/integration/test_x.py", "integration"),
        ("tests/resilience/test_x.py", "integration"),
        ("tests/mission_critical/deep/test_x.py", "mission_critical"),
        ("tests/e2e/test_x.py", "e2e"),
        ("tests/nightly/test_x.py", "nightly"),
        ("room/tests/unit/e2e/test_x.py", "unit"),
        ("tests/test_x.py", None),
        ("unit/test_x.py", None),
    ],
)
def test_the_folder_decides_the_category(path: str, category: str | None) -> None:
    assert category_of(path) == category


def test_a_test_without_folder_or_with_a_false_mark_is_objected_to() -> None:
    assert "in no category folder" in (objection(None, frozenset()) or "")
    assert "marked e2e; remove" in (objection("unit", frozenset({"e2e"})) or "")
    assert objection("unit", frozenset({"unit", "mission_critical"})) is None


def test_floors_are_raised_and_never_lowered(tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    file.write_text("".join(f"{category} = 10\n" for category in CATEGORIES))
    write_raised({"unit": 12, "e2e": 3}, file)
    floors = read_floors(file)
    assert floors == {category: 12 if category == "unit" else 10 for category in CATEGORIES}
    assert file.read_text().startswith("# The fewest tests")


@pytest.mark.parametrize("text", ["unit = 1", 'unit = "many"', "unit = 1\nother = 2"])
def test_floors_must_name_every_category(tmp_path: Path, text: str) -> None:
    file = tmp_path / "floors.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match="one whole number for each of unit"):
        read_floors(file)


def test_the_table_has_a_line_for_each_category() -> None:
    lines = render(rows(OUTCOMES)).splitlines()
    assert lines[0].split() == [
        "category", "collected", "passed", "failed", "skipped", "seconds", "slowest",
    ]  # fmt: skip
    assert lines[1].split()[:6] == ["unit", "2", "1", "1", "0", "2.5"]
    assert lines[1].endswith("2.0 s test_x.py::test_slow")
    assert lines[2].split()[:5] == ["e2e", "1", "0", "0", "1"]
    assert skips(OUTCOMES) == ["skipped 1: #12"]
    assert slowest(OUTCOMES, 1) == ["   2.00 s  a/tests/unit/test_x.py::test_slow"]


def test_the_html_report_names_problems_and_escapes_what_tests_printed() -> None:
    page = render_html(OUTCOMES, ["test_slow failed"], title="Tests: unit", when="today")
    assert "test_slow failed" in page
    assert "&lt;trace &amp; so&gt;" in page
    assert "<trace" not in page


@pytest.mark.parametrize(
    ("reason", "accounted"),
    [
        ("flaky", False),
        ("see #0", False),
        ("&#12;", False),
        ("broken since #12", True),
        ("Skipped: https://git.example/netra/issues/4", True),
        ("Skipped: needs Linux", True),
        ("needs Linux or so", False),
    ],
)
def test_a_reason_names_an_issue_or_is_on_file_word_for_word(
    reason: str,
    accounted: bool,  # noqa: FBT001  # pytest parameter
) -> None:
    assert is_accounted_for(reason, (AcceptedSkip("needs Linux", "x"),)) is accounted


def test_every_reason_on_file_is_justified(tmp_path: Path) -> None:
    assert load_accepted()
    file = tmp_path / "accepted.toml"
    file.write_text('[[skip]]\nreason = "x"\nbecause = ""\n')
    with pytest.raises(ValueError, match="`reason` and `because`"):
        load_accepted(file)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("..\n\x1b[32m==== 2 passed in 0.1s ====\x1b[0m\n", "2 passed in 0.1s"),
        ("= 1 failed, 3 passed, 1 skipped in 61.20s (0:01:01) =", None),
        ("no tests ran in 0.01s", "no tests ran in 0.01s"),
        ("Traceback", ""),
    ],
)
def test_the_closing_line_is_found(output: str, line: str | None) -> None:
    expected = "1 failed, 3 passed, 1 skipped in 61.20s (0:01:01)" if line is None else line
    assert closing_line(output) == expected


def test_the_runner_asks_pytest_for_the_category_and_nothing_else() -> None:
    argv = command(parse_options(["--category", "e2e", "--workers", "3"]), Path("o"), Path("j"))
    assert argv[argv.index("-m", 2) + 1] == "e2e"
    assert argv[argv.index("-n") + 1] == "3"
    every = command(parse_options(["--workers", "1", "--last-failed"]), Path("o"), Path("j"))
    assert "-m" not in every[2:]
    assert "-n" not in every
    assert "--last-failed" in every


@pytest.mark.parametrize("wrong", [["--category", "x"], ["--timeout", "0"], ["--workers", "0"]])
def test_wrong_usage_is_status_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(wrong)
    assert ended.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_all_means_what_runs_on_every_change() -> None:
    assert parse_options([]).categories == ("unit", "integration", "mission_critical", "e2e")
    assert parse_options(["--category", "nightly"]).categories == ("nightly",)


def test_workers_share_a_given_server_without_sharing_data() -> None:
    environment = {
        "NETRA_TEST_DATABASE_URL": "postgresql://a:b@c:1/d",
        "NETRA_TEST_REDIS_URL": "redis://:secret@host:6380/0",
    }
    first = ExternalStores.of(environment, "gw0")
    second = ExternalStores.of(environment, "gw1")
    assert first.redis_url == "redis://:secret@host:6380/1"
    assert second.redis_url == "redis://:secret@host:6380/2"
    assert first.prefix != second.prefix
    assert ExternalStores.of({}, "gw7").redis_url == ""
    with pytest.raises(ValueError, match="at most 15 workers"):
        ExternalStores.of(environment, "gw15")
