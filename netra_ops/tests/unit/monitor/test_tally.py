"""What a monitor adds up."""

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.measure.outcome import Outcome
from netra_ops.measure.probe import ProbeResult
from netra_ops.monitor.command import judge
from netra_ops.monitor.report import html
from netra_ops.monitor.tally import TIMELINE_SECONDS, Tally, close_name
from netra_ops.monitor.view import line, live_view

RESULTS = st.builds(
    ProbeResult,
    at=st.floats(min_value=1000, max_value=1060),
    outcome=st.sampled_from(Outcome),
    code=st.sampled_from(["", "http_503"]),
    handshake=st.none() | st.floats(min_value=0.001, max_value=1),
    close_code=st.none() | st.sampled_from([1000, 1012, 4401]),
    instance=st.sampled_from(["", "a", "b"]),
)


@given(st.lists(RESULTS, max_size=60))
def test_every_probe_is_counted_once_everywhere(results: list[ProbeResult]) -> None:
    tally = Tally(1000.0)
    for result in results:
        tally.add(result)
    summary = tally.summary()
    assert summary["probes"] == len(results) == sum(summary["outcomes"].values())
    assert sum(one.ok + one.failed for one in tally.timeline.values()) == len(results)
    assert sum(summary["closes"].values()) == sum(one.close_code is not None for one in results)
    assert tally.handshake.count == sum(one.handshake is not None for one in results)
    by_place = sum(counts.total() for counts in tally.places.values())
    assert by_place == sum(bool(one.instance) for one in results)


def test_the_life_of_a_socket_is_no_handshake() -> None:
    tally = Tally(0.0)
    tally.add(ProbeResult(at=0.0, outcome=Outcome.OK, handshake=0.01))
    tally.closed(1012)
    assert tally.handshake.count == 1
    assert tally.handshake.longest is not None
    assert tally.handshake.longest < 0.02


def test_the_verdict_needs_a_probe() -> None:
    tally = Tally(0.0)
    assert judge(tally, 0.0) == (False, "FAILED: no probe ended")
    for number in range(20):
        outcome = Outcome.OK if number else Outcome.NETWORK
        tally.add(ProbeResult(at=float(number), outcome=outcome))
    assert judge(tally, 95.0)[0] is True
    passed, text = judge(tally, 95.1)
    assert passed is False
    assert text.startswith("FAILED: 95.00 % of 20 succeeded")


def test_delivery_is_what_the_offsets_demand() -> None:
    tally = Tally(0.0)
    assert tally.held.delivery is None
    tally.held.events, tally.held.expected = 19, 20
    assert tally.held.delivery == 95.0


def test_the_verdict_counts_the_sockets_that_were_held_and_are_closed_by_then() -> None:
    tally = Tally(0.0)
    tally.add(ProbeResult(at=0.0, outcome=Outcome.OK))
    for difference in (1, 1, -1, 1, -1, -1):
        tally.held.change(difference)
    tally.held.events, tally.held.expected = 19, 20
    assert "0 sockets, 0 resumes, 19 events of 20" in line(tally)
    assert "2 sockets held, 0 resumes, 19 events of 20" in judge(tally, 95.0)[1]


def test_the_timeline_is_bounded_and_the_totals_are_not() -> None:
    tally = Tally(0.0)
    for second in range(TIMELINE_SECONDS + 50):
        tally.add(ProbeResult(at=float(second), outcome=Outcome.OK))
    assert len(tally.timeline) == TIMELINE_SECONDS
    assert tally.attempts == TIMELINE_SECONDS + 50


def test_close_codes_have_names() -> None:
    assert close_name(1012) == "service_restart"
    assert close_name(1006) == "abnormal_closure"
    assert close_name(4999) == "other"


def test_the_views_show_numbers_and_names() -> None:
    tally = Tally(0.0)
    result = ProbeResult(
        at=1.0, outcome=Outcome.OK, handshake=0.012, close_code=1000, instance="i-1", revision="r-1"
    )
    tally.add(result)
    assert line(tally).startswith("100.00 % of 1 succeeded")
    assert live_view(tally, elapsed=5.0, address="http://localhost").renderables
    document = html(tally, address="http://localhost", verdict="PASSED", passed=True)
    for shown in ("normal", "i-1", "r-1", "Longest latency per second", "PASSED"):
        assert shown in document
