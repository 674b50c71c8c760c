from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.cloud.convert import ServiceState
from netra_ops.deploy.ledger.ledger import Ledger, record
from netra_ops.deploy.ledger.release import Outcome
from netra_ops.deploy.status import Status, age, digest_of, service_status, status_lines
from netra_ops.deploy.traffic import Target, shared, whole_to
from netra_ops.tests.unit.deploy.ledger.makers import NOW, release

DIGEST = "ab" * 32


def revision(name: str, state: str = "CONDITION_SUCCEEDED") -> dict[str, object]:
    return {
        "name": f"projects/p/locations/l/services/s/revisions/{name}",
        "createTime": (NOW - timedelta(minutes=5)).isoformat(),
        "containers": [{"name": "backend", "image": f"repo@sha256:{DIGEST}"}],
        "conditions": [{"type": "Ready", "state": state}],
    }


LEDGER = record(record(Ledger(), release("r1")), release("r2", Outcome.ABORTED))
OLD, NEW = "netra-backend-r1", "netra-backend-r2"
STATE = ServiceState(
    {"name": "s", "latestCreatedRevision": NEW, "latestReadyRevision": OLD}, shared(OLD, NEW, 10)
)


def shown(state: ServiceState = STATE) -> Status:
    revisions = [revision(NEW), revision(OLD), revision("netra-backend-r0")]
    service = service_status("backend", "s", state, revisions, ledger=LEDGER, now=NOW)
    return Status("p", "l", (service,), "", "", ("netra-auth",))


def test_serving_revisions_come_with_percent_digest_age_and_mark() -> None:
    service = shown().services[0]

    assert [(one.revision, one.percent, one.verified) for one in service.revisions] == [
        (OLD, 90, True),
        (NEW, 10, False),
    ]
    assert service.revisions[1].tags == ("candidate",)
    assert (service.revisions[0].digest, service.revisions[0].age_seconds) == (DIGEST[:12], 300.0)
    assert service.pinned


def test_the_lines_name_what_is_pinned_and_what_is_missing() -> None:
    lines = "\n".join(status_lines(shown()))

    assert f"s: latest {NEW}, pinned: other tools deploy 0 %" in lines
    assert f"   90 %  {OLD} [stable]  {DIGEST[:12]}  5 min 0 s  verified" in lines
    assert "netra-auth: does not exist" in lines


def test_latest_is_resolved_and_not_pinned() -> None:
    body = {**STATE.body, "latestReadyRevision": NEW}

    service = shown(
        ServiceState(body, whole_to(None, tags=[Target(None, 0, "candidate")]))
    ).services[0]

    assert [(one.revision, one.percent) for one in service.revisions] == [(NEW, 100)]
    assert service.revisions[0].tags == ("candidate",)
    assert not service.pinned


@given(st.integers(0, 10_000_000))
def test_an_age_has_its_two_largest_units(seconds: int) -> None:
    assert len(age(seconds).split()) in {2, 4}


def test_ages_and_digests() -> None:
    assert [age(s) for s in (5, 65, 3665, 90000)] == ["5 s", "1 min 5 s", "1 h 1 min", "1 d 1 h"]
    assert digest_of("repo:tag") == ""
