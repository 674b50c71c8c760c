"""``netra`` itself."""

from importlib import metadata

import pytest

from netra_ops.cli import root_command


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        root_command().main(["--version"], prog_name="netra")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"netra {metadata.version('netra')}\n"
