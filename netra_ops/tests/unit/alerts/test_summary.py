"""What operators read of a health monitor."""

from netra_ops.alerts.board import Board
from netra_ops.alerts.summary import PAST_KEPT, remember, summarize
from netra_ops.alerts.thresholds import load_thresholds

NOW = 1_800_000_000.0


def test_open_alerts_come_first_and_resolved_ones_are_remembered() -> None:
    board = Board(load_thresholds())
    board.count("connection_success", NOW, bad=3)
    past = remember([], board.evaluate(NOW))
    report = summarize(board, past, NOW, environment="local", every=15)
    assert past == []
    assert [one.rule for one in report.alerts] == ["connection_success:low-traffic"]
    assert report.alerts[0].resolved_at is None
    later = NOW + 1200
    board.count("connection_success", later, good=3)
    past = remember(past, board.evaluate(later))
    report = summarize(board, past, later, environment="local", every=15)
    assert [one.resolved_at is None for one in report.alerts] == [False]
    assert report.alerts[0].started_at.timestamp() == NOW


def test_the_burn_rate_is_errors_by_budget_and_silent_windows_are_absent() -> None:
    board = Board(load_thresholds())
    board.count("connection_success", NOW - 3000, good=75, bad=25)
    report = summarize(board, [], NOW, environment="local", every=15)
    assert len(report.burn) == 1
    assert report.burn[0].rates == {"1h": 2.5, "6h": 2.5, "3d": 2.5}


def test_the_past_is_bounded() -> None:
    board = Board(load_thresholds())
    board.count("connection_success", NOW, bad=3)
    board.evaluate(NOW)
    board.count("connection_success", NOW + 1200, good=3)
    changes = board.evaluate(NOW + 1200)
    past = remember(remember([], changes * PAST_KEPT), changes)
    assert len(past) == PAST_KEPT
