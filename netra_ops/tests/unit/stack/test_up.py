"""What ``netra up`` says beside a running stack."""

from pathlib import Path

import pytest

from netra_ops.cli import root_command
from netra_ops.services.supervisor import PartRecord
from netra_ops.stack.identity import ProcessIdentity
from netra_ops.stack.state import StackState
from netra_ops.stack.up import Wanted, differences
from netra_ops.tests.unit.stack.running import note_running

RUNNING = StackState(
    ProcessIdentity(1, "now"),
    "http://localhost:8080",
    ready=True,
    parts={"frontend": PartRecord("frontend")},
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), []),
        (Wanted(port=8080, frontend=True), []),
        (Wanted(port=80), ["it listens on port 8080, not 80"]),
        (Wanted(frontend=False), ["it runs with the pages"]),
    ],
)
def test_only_what_was_asked_for_and_differs_is_named(wanted: Wanted, found: list[str]) -> None:
    assert differences(RUNNING, wanted) == found


def test_a_second_start_says_what_differs_and_succeeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note_running(tmp_path, "http://localhost:8080")
    root_command().main(["up", "--port", "80", "--data-dir", str(tmp_path)], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "already running: http://localhost:8080" in shown
    assert "differs: it listens on port 8080, not 80" in shown
    root_command().main(["up", "--data-dir", str(tmp_path)], standalone_mode=False)
    assert "differs" not in capsys.readouterr().out
