import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.stack.events import Event, from_line, log_listener, to_line
from netra_ops.stack.follow import follow_start

pytestmark = pytest.mark.unit

events = st.builds(
    Event,
    event=st.sampled_from(["part", "ready", "failed"]),
    part=st.text(max_size=8),
    detail=st.text(max_size=40),
    exit_code=st.integers(0, 130),
    time=st.just("2026-11-23T00:00:00.000+00:00"),
)


@given(event=events)
def test_an_event_survives_its_line(event: Event) -> None:
    line = to_line(event)
    assert "\n" not in line
    assert from_line(line) == event


@pytest.mark.parametrize("line", ["", "{", "[]", '{"unknown": 1}', "null"])
def test_what_is_no_event_is_nothing(line: str) -> None:
    assert from_line(line) is None


def test_follows_up_to_the_deciding_event_from_the_offset(tmp_path: Path) -> None:
    log = tmp_path / "netra.log"
    listen = log_listener(log)
    listen(Event("ready", url="of the run before"))
    offset = log.stat().st_size
    followed: list[Event] = []
    follower = threading.Thread(
        target=lambda: followed.extend(follow_start(log, offset, lambda: True))
    )
    follower.start()
    for event in (Event("part", "auth", "ready"), Event("ready", url="u"), Event("stopping")):
        listen(event)
    follower.join(timeout=10)
    assert [event.event for event in followed] == ["part", "ready"]
    assert followed[-1].url == "u"


def test_the_last_lines_of_a_dead_supervisor_are_still_read(tmp_path: Path) -> None:
    log = tmp_path / "netra.log"
    log_listener(log)(Event("part", "auth", "failed"))
    assert [event.state for event in follow_start(log, 0, lambda: False)] == ["failed"]


def test_a_supervisor_that_never_wrote_is_recognised_by_silence(tmp_path: Path) -> None:
    assert list(follow_start(tmp_path / "absent.log", 0, lambda: False)) == []
