"""The durable state."""

from pathlib import Path
from uuid import UUID

from netra_cloud.run.core import services
from netra_cloud.run.core.names import Parent
from netra_cloud.run.core.records import State
from netra_cloud.run.core.services import Moment
from netra_cloud.run.store import Store

BODY = {"template": {"containers": [{"image": "i"}]}}


def test_what_was_committed_is_loaded(tmp_path: Path) -> None:
    parent = Parent("p", "l")
    moment = Moment("2026-12-01T00:00:00Z", str(UUID(int=1)))
    change, _ = services.create(State(), parent, "web", BODY, moment)
    with Store(tmp_path / "a" / "state.sqlite") as store:
        store.commit(change)
    with Store(tmp_path / "a" / "state.sqlite") as store:
        state = store.load()
        assert state == State().apply(change)
        ended, _ = services.delete(state, parent.service("web"), "", moment)
        store.commit(ended)
        assert store.load() == state.apply(ended)


def test_facts(tmp_path: Path) -> None:
    with Store(tmp_path / "state.sqlite") as store:
        assert store.fact("neg/a") is None
        store.put_fact("neg/a", "1")
        store.put_fact("neg/a", "2")
        store.put_fact("other", "3")
        assert store.facts("neg/") == {"neg/a": "2"}
        store.drop_fact("neg/a")
        assert store.facts("neg/") == {}
