import pytest

from netra_ops.errors import SomethingAbsent
from netra_ops.exit_status import exit_status_of
from netra_shared.errors import ConfigurationError


def test_what_the_work_returns_is_the_status() -> None:
    assert exit_status_of(lambda: 7) == 7


def test_an_error_is_reported_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise SomethingAbsent("there is no git", remedy="install git")

    assert exit_status_of(work) == 3
    assert capsys.readouterr() == ("", "netra: there is no git\n  -> install git\n")


def test_every_problem_of_a_configuration_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise ConfigurationError(["A must be a number", "B is missing"])

    assert exit_status_of(work) == 78
    text = capsys.readouterr().err
    assert "A must be a number" in text
    assert "B is missing" in text


def test_an_interruption_has_its_status_and_no_traceback() -> None:
    def work() -> int:
        raise KeyboardInterrupt

    assert exit_status_of(work) == 130
