"""From measurements to alerts: burn rates, low traffic, hysteresis, missing data, flapping."""

import json

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.alerts.board import Alert, Board
from netra_ops.alerts.lifecycle import Change, Life, Phase, advance
from netra_ops.alerts.rules import Condition, Rule
from netra_ops.alerts.series import RatioSeries
from netra_ops.alerts.thresholds import load_thresholds

THRESHOLDS = load_thresholds()
ALERTING = THRESHOLDS.alerting
RULE = Rule("r", "r", "critical", 60.0, "summary", "runbook")
START = 1_795_000_020.0
MINUTE = 60.0


def fired(changes: list[Alert]) -> set[str]:
    return {one.rule.name for one in changes if one.is_firing}


def resolved(changes: list[Alert]) -> set[str]:
    return {one.rule.name for one in changes if not one.is_firing}


def minutes(board: Board, start: float, count: int, *, good: int, bad: int) -> list[Alert]:
    changes = []
    for number in range(count):
        now = start + number * MINUTE
        board.count("connection_success", now, good=good, bad=bad)
        changes += board.evaluate(now)
    return changes


def test_a_total_outage_fires_fast_and_resolves() -> None:
    board = Board(THRESHOLDS)
    assert minutes(board, START, 60, good=4, bad=0) == []
    outage = minutes(board, START + 60 * MINUTE, 65, good=0, bad=4)
    assert "connection_success:burn-14.4" in fired(outage)
    back = minutes(board, START + 125 * MINUTE, 30, good=4, bad=0)
    assert "connection_success:burn-14.4" in resolved(back)


def test_few_failures_within_the_budget_fire_nothing() -> None:
    board = Board(THRESHOLDS)
    assert minutes(board, START, 400, good=19, bad=1) == []


def test_at_low_traffic_an_absolute_number_of_failures_fires() -> None:
    # vonrobak/fedora-homelab-containers#165: eight days at 90 % failure without a page.
    board = Board(THRESHOLDS)
    changes = []
    for number in range(12):
        now = START + number * 5 * MINUTE
        board.count("golden_path_success", now, good=0, bad=1)
        changes += board.evaluate(now)
    assert "golden_path_success:low-traffic" in fired(changes)


def test_a_value_has_two_bounds_and_a_duration() -> None:
    board = Board(THRESHOLDS)
    names = []
    for number, value in enumerate([9, 9, 9, 7, 9, 7, 5, 5, 5, 5]):
        now = START + number * 30
        board.measure("health_seconds", now, value)
        names += [(number, one.is_firing) for one in board.evaluate(now)]
    # Fires after 60 s above 8; 7 is above the lower bound, so only 5 s ends it, after 2 min.
    assert names == [(2, True), (9, False)]


def test_missing_data_fires_and_is_no_recovery() -> None:
    board = Board(THRESHOLDS)
    board.count("redis_availability", START, good=1)
    assert board.evaluate(START) == []
    changes = []
    for number in range(1, 16):
        changes += board.evaluate(START + number * MINUTE)
    assert all(one.is_no_data for one in changes)
    assert "redis_availability:burn-14.4" in fired(changes)
    now = START + 17 * MINUTE
    board.count("redis_availability", now, good=1)
    assert "redis_availability:burn-14.4" in resolved(board.evaluate(now))


def test_what_was_never_measured_is_no_missing_data() -> None:
    board = Board(THRESHOLDS)
    assert [board.evaluate(START + number * MINUTE) for number in range(30)] == [[]] * 30


def test_an_alert_that_flaps_is_held() -> None:
    life, firings, now = Life(), 0, START
    for _ in range(12):
        for condition in (Condition.TRUE, Condition.TRUE, Condition.FALSE, Condition.FALSE):
            life, change = advance(life, condition, RULE, now, ALERTING)
            firings += change is Change.FIRED
            now += 65
    assert firings == ALERTING.flapping.firings
    assert life.phase is Phase.FIRING
    life, change = advance(life, Condition.FALSE, RULE, now + 16 * MINUTE, ALERTING)
    assert change is Change.RESOLVED


@given(st.lists(st.sampled_from(Condition), max_size=80))
def test_fired_and_resolved_alternate(conditions: list[Condition]) -> None:
    life, changes = Life(), []
    for number, condition in enumerate(conditions):
        life, change = advance(life, condition, RULE, START + number * 31, ALERTING)
        if change is not None:
            changes.append(change)
    expected = [Change.FIRED, Change.RESOLVED] * len(changes)
    assert changes == expected[: len(changes)]
    assert (life.phase is Phase.FIRING) == (changes[-1:] == [Change.FIRED])


def test_an_alert_is_not_repeated_while_it_fires() -> None:
    board = Board(THRESHOLDS)
    changes = minutes(board, START, 120, good=0, bad=5)
    names = [one.rule.name for one in changes if one.is_firing]
    assert len(names) == len(set(names))
    # With enough events the burn rates take over from the rule for low traffic.
    assert {one.rule.name for one in board.firing(START)} == {
        "heartbeat",
        *(name for name in names if "burn" in name),
    }


def test_the_memory_survives_a_restart() -> None:
    board = Board(THRESHOLDS)
    minutes(board, START, 65, good=0, bad=4)
    copied = Board.from_json(THRESHOLDS, json.loads(json.dumps(board.to_json())))
    now = START + 66 * MINUTE
    assert copied.evaluate(now) == board.evaluate(now) == []
    assert {one.rule.name for one in copied.firing(now)} == {
        one.rule.name for one in board.firing(now)
    }


@given(st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=60))
def test_a_window_counts_what_lies_in_it(events: list[tuple[int, bool]]) -> None:
    series = RatioSeries()
    for at, is_good in events:
        series.add(START + at, good=is_good, bad=not is_good)
    assert sum(series.window(START + 10_000, 20_000)) == len(events)
    assert RatioSeries.from_json(series.to_json()) == series
