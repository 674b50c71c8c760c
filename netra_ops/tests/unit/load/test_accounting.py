"""The identities hold or the test fails; merging loses nothing."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.load.accounting import Figures
from netra_ops.load.result import (
    Result,
    ResultUnreadable,
    compare,
    merge_results,
    read_result,
    write_result,
)
from netra_ops.load.verdict import Thresholds, judge

COUNTS = st.integers(0, 50)


@st.composite
def balanced(draw: st.DrawFn) -> Figures:
    ok, failed, dropped = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    opened, refused, lost = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    figures = Figures(
        users=opened + refused + lost, opened=opened, refused=refused, failed=lost,
        intended=ok + failed + dropped, sent=ok + failed, dropped=dropped, ok=ok,
        errors=Counter({"connection_lost": failed} if failed else {}),
    )  # fmt: skip
    for seconds in draw(st.lists(st.floats(min_value=0.001, max_value=10), max_size=20)):
        figures.step("ping").record(seconds)
    return figures


@given(balanced(), balanced())
def test_merging_keeps_the_balance_and_every_sample(ours: Figures, theirs: Figures) -> None:
    intended = ours.intended + theirs.intended
    samples = ours.step("ping").count + theirs.step("ping").count
    copied = Figures.from_json(json.loads(json.dumps(theirs.to_json())))
    ours.merge(copied)
    assert ours.imbalances() == []
    assert ours.intended == intended
    assert ours.step("ping").count == samples


@pytest.mark.parametrize("field", ["intended", "sent", "dropped", "ok", "users", "opened"])
def test_one_lost_operation_is_found(field: str) -> None:
    figures = Figures(users=2, opened=2, intended=10, sent=9, dropped=1, ok=9)
    assert figures.imbalances() == []
    setattr(figures, field, getattr(figures, field) + 1)
    assert len(figures.imbalances()) >= 1
    assert not judge(figures, Thresholds(0), late_imports=0).passed


def test_a_load_that_did_nothing_fails() -> None:
    verdict = judge(Figures(), Thresholds(0), late_imports=0)
    assert verdict.reasons == ("no operation succeeded",)


def test_dropped_operations_count_against_the_success_rate() -> None:
    figures = Figures(users=1, opened=1, intended=100, sent=94, dropped=6, ok=94)
    assert not judge(figures, Thresholds(95), late_imports=0).passed
    assert judge(figures, Thresholds(94), late_imports=0).passed


def test_late_imports_and_a_high_p99_fail_and_a_late_generator_is_a_remark() -> None:
    figures = Figures(users=1, opened=1, intended=1, sent=1, ok=1)
    figures.step("ping").record(2.0)
    figures.lag.record(0.5)
    verdict = judge(figures, Thresholds(95, p99=1.0), late_imports=3)
    assert len(verdict.reasons) == 2
    assert "ping: p99" in verdict.reasons[0]
    assert "3 module(s)" in verdict.reasons[1]
    assert "load generator itself was late" in verdict.remarks[0]
    unread = judge(figures, Thresholds(), late_imports=None)
    assert any("late imports were not read" in one for one in unread.remarks)


def result(seconds: float) -> Result:
    figures = Figures(users=1, opened=1, intended=1, sent=1, ok=1)
    figures.step("ping").record(seconds)
    return Result("idle", "http://localhost", 10.0, figures)


def test_a_result_file_is_read_back_and_merged(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write_result(path, result(0.5))
    merged = merge_results([read_result(path), result(0.25)])
    assert merged.figures.intended == 2
    assert merged.figures.step("ping").count == 2
    assert merged.figures.imbalances() == []


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', '{"format": 1, "scenario": "x"}'])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ResultUnreadable):
        read_result(path)
    with pytest.raises(ResultUnreadable):
        read_result(tmp_path / "absent.json")


def test_two_results_are_compared_step_by_step() -> None:
    changes = compare(result(0.1), result(0.2))
    assert [(one.step, one.percentile) for one in changes] == [("ping", "p50"), ("ping", "p99")]
    assert changes[1].ratio == pytest.approx(2, rel=0.01)
