"""``netra open`` needs a running platform, and prints the address of the page."""

from pathlib import Path

import pytest

from netra_ops.cli import root_command
from netra_ops.errors import NotRunning
from netra_ops.tests.unit.stack.running import note_running


def test_a_page_needs_a_running_platform(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="nothing runs"):
        root_command().main(["open", "--print", "--data-dir", str(tmp_path)], standalone_mode=False)


def test_the_address_of_the_page_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note_running(tmp_path, "http://localhost:8080")
    arguments = ["open", "/operations", "--print", "--data-dir", str(tmp_path)]
    root_command().main(arguments, standalone_mode=False)
    assert capsys.readouterr().out == "http://localhost:8080/operations\n"
