"""After a reload of the history, nothing is shown twice and no run from its middle on."""

from uuid import UUID, uuid4

from netra_client.after_reset import AfterReset, Showing
from netra_client.events import ThreadEvent
from netra_client.resume import Position


def event(run_id: UUID, kind: str) -> ThreadEvent:
    return ThreadEvent(UUID(int=1), run_id, Position("e1", 1), {"type": kind})


def test_an_ended_run_that_is_still_on_its_way_is_hidden() -> None:
    after, ended, following = AfterReset(), uuid4(), uuid4()
    after.start(frozenset({ended}))
    assert after.judge(event(ended, "TEXT_MESSAGE_CONTENT")) is Showing.HIDE
    assert after.judge(event(ended, "RUN_FINISHED")) is Showing.HIDE
    assert after.judge(event(following, "RUN_STARTED")) is Showing.SHOW
    assert after.judge(event(following, "RUN_FINISHED")) is Showing.SHOW


def test_a_run_without_its_beginning_is_hidden_and_its_end_reloads() -> None:
    after, headless, following = AfterReset(), uuid4(), uuid4()
    after.start(frozenset())
    assert after.judge(event(headless, "TEXT_MESSAGE_CONTENT")) is Showing.HIDE
    assert after.judge(event(headless, "RUN_FINISHED")) is Showing.RELOAD
    after.start(frozenset({headless}))
    assert after.judge(event(following, "RUN_STARTED")) is Showing.SHOW


def test_without_a_reset_everything_is_shown() -> None:
    after = AfterReset()
    assert after.judge(event(uuid4(), "TEXT_MESSAGE_CONTENT")) is Showing.SHOW
