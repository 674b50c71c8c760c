"""``netra`` itself."""

from importlib import metadata
from pathlib import Path

import pytest

from netra_ops.cli import root_command
from netra_ops.errors import NotRunning


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        root_command().main(["--version"], prog_name="netra")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"netra {metadata.version('netra')}\n"


def test_a_page_needs_a_running_platform(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="nothing runs"):
        root_command().main(["open", "--print", "--data-dir", str(tmp_path)], standalone_mode=False)
