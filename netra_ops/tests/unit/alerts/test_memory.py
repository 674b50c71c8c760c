"""The state file, and the rollback that acts once per release."""

import sys
from pathlib import Path

import pytest

from netra_ops.alerts.board import Alert
from netra_ops.alerts.memory import MemoryUnreadable, read_memory, write_memory
from netra_ops.alerts.rollback import AutomaticRollback
from netra_ops.alerts.rules import Rule
from netra_ops.alerts.thresholds import load_thresholds

THRESHOLDS = load_thresholds()
CRITICAL = Rule("a", "a", "critical", 0, "summary", "runbook")
WARNING = Rule("b", "b", "warning", 0, "summary", "runbook")


def test_the_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    board, rest = read_memory(path, THRESHOLDS)
    assert rest == {}
    board.count("connection_success", 1000.0, bad=2)
    write_memory(path, board, {"rolledBack": ["r-1"]})
    again, rest = read_memory(path, THRESHOLDS)
    assert again.to_json() == board.to_json()
    assert rest == {"rolledBack": ["r-1"]}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 9}'])
def test_another_file_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(MemoryUnreadable):
        read_memory(path, THRESHOLDS)


async def test_a_release_is_rolled_back_once(tmp_path: Path) -> None:
    mark = tmp_path / "rolled back"
    rollback = AutomaticRollback(f"{sys.executable} -c \"open('{mark}', 'a').write('x')\"")
    fired = [Alert(CRITICAL, 0.0, "evidence")]
    assert rollback.is_due(fired, "r-2")
    assert await rollback.act("r-2") == 0
    assert mark.read_text() == "x"
    assert not rollback.is_due(fired, "r-2")
    assert rollback.is_due(fired, "r-3")


@pytest.mark.parametrize(
    "alert",
    [
        Alert(WARNING, 0.0, "evidence"),
        Alert(CRITICAL, 0.0, "no data", is_no_data=True),
        Alert(CRITICAL, 0.0, "evidence", resolved_at=1.0),
    ],
)
def test_only_a_critical_alert_with_data_is_a_reason(alert: Alert) -> None:
    assert not AutomaticRollback("true").is_due([alert], "r-2")
