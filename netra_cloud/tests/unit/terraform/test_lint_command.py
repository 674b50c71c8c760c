"""The lint as a command of its own: forms, exit statuses, files in place of directories."""

import json
from pathlib import Path

import pytest

from netra_cloud.terraform.lint_command import main, root_modules
from netra_cloud.terraform.linter import RULES

HERE = Path(__file__).parent
CORRECT, GUIDE = HERE / "correct", HERE / "guide"


def test_no_errors_is_0_and_errors_are_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CORRECT), "--strict"]) == 0
    assert main([str(GUIDE)]) == 1
    assert "serverless-timeout" in capsys.readouterr().out


def test_several_directories_make_one_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CORRECT), str(GUIDE), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {Path(finding["file"]).parent.name for finding in report["findings"]} == {"guide"}


def test_sarif_names_rules_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(GUIDE), "--sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert {result["ruleId"] for result in run["results"]} >= {"serverless-timeout"}


def test_a_file_stands_for_its_directory() -> None:
    assert root_modules([CORRECT / "main.tf", CORRECT]) == [CORRECT]


def test_values_of_variables_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (CORRECT / "main.tf").read_text().replace('"3600s"', "var.timeout")
    (tmp_path / "main.tf").write_text(text + 'variable "timeout" {}\n')
    assert main([str(tmp_path), "--strict", "--var", "timeout=3600s"]) == 0
    (tmp_path / "prod.tfvars").write_text('timeout = "7200s"\n')
    assert main([str(tmp_path), "--var-file", str(tmp_path / "prod.tfvars")]) == 1
    assert "run-timeout-range" in capsys.readouterr().out


def test_no_terraform_is_3_and_a_bad_value_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 3
    assert main([str(CORRECT), "--var", "none"]) == 1
    assert "-> give the directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--json", "--sarif"], ["--socket-age", "7200"], ["--var-file", "none"]]
)
def test_wrong_usage_is_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(wrong)
    assert stopped.value.code == 2


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(RULES)
    assert main(["--rules"]) == 0
    assert RULES[0].reference in capsys.readouterr().out
