"""``netra open`` needs a running platform, and prints the address of the page."""

import os
from pathlib import Path

import pytest

from netra_ops.cli import root_command
from netra_ops.errors import NotRunning
from netra_ops.stack.identity import identify
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import StackState, write


def test_a_page_needs_a_running_platform(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="nothing runs"):
        root_command().main(["open", "--print", "--data-dir", str(tmp_path)], standalone_mode=False)


def test_the_address_of_the_page_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    this = identify(os.getpid())
    assert this is not None
    state = StackState(this, "http://localhost:8080", ready=True)
    write(stack_paths(tmp_path).state, state)
    arguments = ["open", "/operations", "--print", "--data-dir", str(tmp_path)]
    root_command().main(arguments, standalone_mode=False)
    assert capsys.readouterr().out == "http://localhost:8080/operations\n"
