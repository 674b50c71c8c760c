"""Invariants of the state machine under any order of requests and events."""

from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from netra_cloud.run.core import services
from netra_cloud.run.core.errors import ApiError
from netra_cloud.run.core.names import Parent, short
from netra_cloud.run.core.reconcile import revision_failed, revision_ready
from netra_cloud.run.core.records import Change, Failure, Phase, State
from netra_cloud.run.core.services import Moment
from netra_cloud.run.core.traffic import LATEST, REVISION
from netra_cloud.run.core.views import operation_view, revision_view, service_view

PARENT = Parent("p", "us-central1")
NAMES = ("alpha", "beta")
BROKEN = Failure(9, "the container failed to start", "REVISION_FAILED")


class Machine(RuleBasedStateMachine):
    """Applies transitions as the controller does and keeps what must never change."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.count = 0
        self.templates: dict[str, object] = {}
        self.ended: set[str] = set()

    def moment(self) -> Moment:
        self.count += 1
        return Moment(f"2026-12-01T00:00:{self.count:09d}Z", str(UUID(int=self.count)))

    def apply(self, change: Change) -> None:
        self.state = self.state.apply(change)

    def attempt(self, transition: object, *arguments: object, **options: object) -> None:
        before = self.state
        try:
            change, operation = transition(self.state, *arguments, **options)  # type: ignore[operator]
        except ApiError:
            assert self.state == before
            return
        self.apply(change)
        assert self.state.operation(operation.name) is not None

    def body(self, value: int, revision: str = "") -> dict[str, object]:
        template: dict[str, object] = {
            "containers": [{"image": "i", "env": [{"name": "V", "value": str(value)}]}]
        }
        if revision:
            template["revision"] = revision
        return {"template": template}

    @rule(name=st.sampled_from(NAMES), value=st.integers(0, 3))
    def create(self, name: str, value: int) -> None:
        self.attempt(services.create, PARENT, name, self.body(value), self.moment())

    @rule(
        name=st.sampled_from(NAMES),
        value=st.integers(0, 3),
        suffix=st.sampled_from(["", "one", "two"]),
        old_etag=st.booleans(),
    )
    def update(self, name: str, value: int, suffix: str, *, old_etag: bool) -> None:
        body = self.body(value, f"{name}-{suffix}" if suffix else "")
        if old_etag:
            body["etag"] = '"1"'
        full = PARENT.service(name)
        self.attempt(services.update, full, body, "template", self.moment())

    @rule(name=st.sampled_from(NAMES), data=st.data(), percent=st.integers(0, 100))
    def shift(self, name: str, data: st.DataObject, percent: int) -> None:
        full = PARENT.service(name)
        known = [short(one.name) for one in self.state.revisions(full)] + [f"{name}-ghost"]
        first, second = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
        latest = data.draw(st.booleans())
        rest: dict[str, object] = {"percent": 100 - percent, "tag": "tag-b"}
        rest |= {"type": LATEST} if latest else {"type": REVISION, "revision": second}
        traffic = [{"type": REVISION, "revision": first, "percent": percent, "tag": "tag-a"}, rest]
        self.attempt(services.update, full, {"traffic": traffic}, "traffic", self.moment())

    @rule(data=st.data(), healthy=st.booleans())
    def start(self, data: st.DataObject, *, healthy: bool) -> None:
        pending = [one.name for one in self.state.revisions() if one.phase is Phase.PENDING]
        if pending:
            name = data.draw(st.sampled_from(sorted(pending)))
            now = self.moment().now
            self.apply(
                revision_ready(self.state, name, now)
                if healthy
                else revision_failed(self.state, name, BROKEN, now)
            )

    @rule(data=st.data())
    def delete_revision(self, data: st.DataObject) -> None:
        known = sorted(one.name for one in self.state.revisions())
        if known:
            name = data.draw(st.sampled_from(known))
            self.attempt(services.delete_revision, name, self.moment())
            if name not in self.state.records:
                self.templates.pop(name, None)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        full = PARENT.service(name)
        self.attempt(services.delete, full, "", self.moment())
        for key in [key for key in self.templates if key.startswith(f"{full}/")]:
            del self.templates[key]

    @invariant()
    def revisions_never_change(self) -> None:
        for revision in self.state.revisions():
            assert self.templates.setdefault(revision.name, revision.template) == revision.template

    @invariant()
    def traffic_in_force_is_whole_and_leads_to_ready_revisions(self) -> None:
        for service in self.state.services():
            if service.serving:
                assert sum(target.percent for target in service.serving) == 100
            for target in service.serving:
                revision = self.state.revision(service.name, target.revision)
                assert revision is not None
                assert revision.phase is Phase.READY

    @invariant()
    def success_means_that_the_declaration_is_in_force(self) -> None:
        for service in self.state.services():
            view = service_view(self.state, service)
            if view.get("reconciling"):
                assert view["terminalCondition"]["state"] == "CONDITION_RECONCILING"
                continue
            succeeded = view["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
            if succeeded:
                assert view["observedGeneration"] == view["generation"]
                declared = [(t.get("percent", 0), t.get("tag")) for t in view["traffic"]]
                actual = [(t["percent"], t.get("tag")) for t in view["trafficStatuses"]]
                assert declared == actual
            else:
                assert view["terminalCondition"]["message"]
            assert int(view["observedGeneration"]) <= int(view["generation"])

    @invariant()
    def a_service_at_rest_has_no_open_operation(self) -> None:
        waiting = {one.pending_operation for one in self.state.services() if one.reconciling}
        for operation in self.state.operations():
            assert operation.done or operation.name in waiting
            view = operation_view(operation)
            assert not ({"error", "response"} <= set(view))
            assert operation.done == bool({"error", "response"} & set(view))
            if operation.name in self.ended:
                assert operation.done
            if operation.done:
                self.ended.add(operation.name)

    @invariant()
    def every_revision_has_a_service_and_a_view(self) -> None:
        for revision in self.state.revisions():
            assert self.state.service(revision.name.partition("/revisions/")[0]) is not None
            assert revision_view(self.state, revision)["name"] == revision.name


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
