import pytest

from netra_ops.deploy.gcp_script import main

ENDPOINT = ["--endpoint", "http://127.0.0.1:1"]


def test_an_unknown_project_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", "nope", "--status"]) == 1

    assert "netra-staging (staging)" in capsys.readouterr().err


def test_an_unknown_service_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", "netra-staging", "--service", "mail", *ENDPOINT]) == 1

    assert "no service mail" in capsys.readouterr().err


def test_status_and_rollback_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--project", "netra-staging", "--status", "--rollback"])

    assert stopped.value.code == 2


def test_the_help_has_the_flags_of_the_guide(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    text = capsys.readouterr().out
    for flag in ("--project", "--build-local", "--service", "--force-rebuild", "--status",
                 "--json", "--rollback", "--revision", "--dry-run"):  # fmt: skip
        assert flag in text
