from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.cloud.templates import (
    MAX_NAME,
    image_of,
    released,
    repeated,
    revision_name,
)

TEMPLATE: dict[str, Any] = {
    "revision": "s-old",
    "timeout": "3600s",
    "containers": [
        {"name": "proxy", "image": "proxy:1"},
        {"name": "backend", "image": "old", "env": [{"name": "NETRA_RELEASE", "value": "r1"}]},
    ],
}


def test_a_release_changes_its_container_and_nothing_else() -> None:
    changed = released(TEMPLATE, role="backend", image="new", revision="s-r2", release="r2")

    assert changed == {
        "revision": "s-r2",
        "timeout": "3600s",
        "containers": [
            {"name": "proxy", "image": "proxy:1"},
            {"name": "backend", "image": "new", "env": [{"name": "NETRA_RELEASE", "value": "r2"}]},
        ],
    }
    assert image_of(TEMPLATE, "backend") == "old"
    assert image_of({}, "backend") == ""


def test_an_old_revision_is_repeated_without_what_was_its_own() -> None:
    revision = {
        "name": "projects/p/locations/l/services/s/revisions/s-1",
        "uid": "1",
        "createTime": "2026-01-01T00:00:00Z",
        "timeout": "3600s",
        "containers": TEMPLATE["containers"],
        "scaling": {"minInstanceCount": 1},
        "conditions": [{"type": "Ready"}],
    }

    assert repeated(revision, "s-2") == {
        "revision": "s-2",
        "timeout": "3600s",
        "containers": TEMPLATE["containers"],
        "scaling": {"minInstanceCount": 1},
    }


@given(st.from_regex(r"[a-z][a-z0-9-]{0,60}[a-z0-9]", fullmatch=True))
def test_names_of_revisions_fit(service: str) -> None:
    name = revision_name(service, "r20260101-120000")

    assert len(name) <= MAX_NAME
    assert name.endswith("-r20260101-120000")
    assert "--r" not in name
