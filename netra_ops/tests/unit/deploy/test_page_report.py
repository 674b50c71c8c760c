"""A deploy as the operations page shows it."""

from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.operations.release_report import (
    MAX_RELEASES,
    MAX_STEPS,
    StepEntry,
    StepState,
)
from netra_ops.deploy.page_report import after, releases_of, services_of
from netra_ops.deploy.progress import Event, Kind
from netra_ops.deploy.status import Status, service_status
from netra_ops.tests.unit.deploy.ledger.makers import NOW, release
from netra_ops.tests.unit.deploy.test_status import LEDGER, NEW, OLD, STATE, revision

EVENTS = st.builds(
    Event,
    step=st.sampled_from(["stage", "shift 10", "shift 50", "bake"]),
    kind=st.sampled_from(Kind),
    text=st.text(max_size=2000),
    seconds=st.floats(min_value=0, max_value=1000),
)


def test_a_step_keeps_its_last_text_and_ends_with_its_time() -> None:
    steps: tuple[StepEntry, ...] = ()
    for event in (
        Event("stage", Kind.START),
        Event("stage", Kind.DONE, "", 3.0),
        Event("shift 10", Kind.START),
        Event("shift 10", Kind.NOTE, "inconclusive: 20 events of 50"),
        Event("shift 10", Kind.FAILED, "", 9.0),
    ):
        steps = after(steps, event)
    assert [(one.name, one.state, one.seconds) for one in steps] == [
        ("stage", StepState.DONE, 3.0),
        ("shift 10", StepState.FAILED, 9.0),
    ]
    assert steps[1].text == "inconclusive: 20 events of 50"


@given(st.lists(EVENTS, max_size=120))
def test_steps_are_bounded_and_the_last_event_is_shown(events: list[Event]) -> None:
    steps: tuple[StepEntry, ...] = ()
    for event in events:
        steps = after(steps, event)
        assert len(steps) <= MAX_STEPS
        assert steps[-1].name == event.step
        assert (steps[-1].state is StepState.FAILED) == (event.kind is Kind.FAILED)


def test_services_have_the_revisions_that_serve() -> None:
    service = service_status(
        "backend", "s", STATE, [revision(NEW), revision(OLD)], ledger=LEDGER, now=NOW
    )
    (entry,) = services_of(Status("p", "l", (service,), "", ""))
    assert [(one.revision, one.percent, one.verified) for one in entry.revisions] == [
        (OLD, 90, True),
        (NEW, 10, False),
    ]
    assert entry.pinned


def test_the_newest_releases_come_first() -> None:
    shown = releases_of(release(f"r{number:02}") for number in range(MAX_RELEASES + 5))
    assert [one.id for one in shown][:2] == [f"r{MAX_RELEASES + 4}", f"r{MAX_RELEASES + 3}"]
    assert len(shown) == MAX_RELEASES
