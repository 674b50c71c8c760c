"""What a plan would do, and which commit came before: pure."""

import json
from typing import Any

import pytest

from netra_ops.terraform.rollback.changes import Change, Effect, changes_of, forbidden
from netra_ops.terraform.rollback.history import commit_in, generation, previous

OLD, NEW = "a" * 40, "b" * 40
DATABASE = "google_sql_database_instance"


def resource(address: str, *actions: str, **change: Any) -> dict[str, Any]:
    return {
        "address": address,
        "type": address.partition(".")[0],
        "mode": "managed",
        "change": {"actions": list(actions), **change},
    }


def state(commit: str | None) -> str:
    outputs = {} if commit is None else {"applied_commit": {"value": commit, "type": "string"}}
    return json.dumps({"version": 4, "outputs": outputs})


def test_a_plan_is_read_without_its_no_ops() -> None:
    plan = {
        "resource_changes": [
            resource("google_x.same", "no-op"),
            resource("google_x.read", "read"),
            resource("google_x.new", "create", before=None, after={"a": 1}),
            resource(
                "google_x.changed",
                "update",
                before={"a": 1, "b": 2, "c": 3},
                after={"a": 1, "b": 3, "c": None},
                after_unknown={"c": True},
            ),
            resource(f"{DATABASE}.main", "create", "delete", before={"a": 1}, after={"a": 2}),
            resource("google_x.gone", "delete", before={"a": 1}),
        ]
    }
    assert changes_of(plan) == [
        Change(f"{DATABASE}.main", DATABASE, Effect.REPLACE, ("a",)),
        Change("google_x.changed", "google_x", Effect.UPDATE, ("b",)),
        Change("google_x.gone", "google_x", Effect.DESTROY),
        Change("google_x.new", "google_x", Effect.CREATE),
    ]


@pytest.mark.parametrize(
    ("effect", "kind", "expected"),
    [
        (Effect.DESTROY, DATABASE, True),
        (Effect.REPLACE, DATABASE, True),
        (Effect.UPDATE, DATABASE, False),
        (Effect.CREATE, DATABASE, False),
        (Effect.DESTROY, "google_compute_url_map", False),
    ],
)
def test_what_loses_data_is_forbidden_unless_named(
    effect: Effect, kind: str, *, expected: bool
) -> None:
    change = Change(f"{kind}.main", kind, effect)
    assert bool(forbidden([change], [])) is expected
    assert forbidden([change], [change.address]) == []


def test_the_commit_before_is_the_newest_that_differs() -> None:
    assert previous(NEW, [state(NEW), state(NEW), state(OLD), state("c" * 40)]) == OLD
    assert previous(NEW, [state(NEW), state(None), "not json", state("short")]) is None
    assert previous(None, [state(None), state(OLD)]) == OLD


@pytest.mark.parametrize(("text", "expected"), [(state(OLD), OLD), (state(None), None), ("", None)])
def test_a_state_shows_its_commit(text: str, expected: str | None) -> None:
    assert commit_in(text) == expected


def test_versions_of_a_state_are_ordered_by_generation() -> None:
    assert generation("gs://b/p/default.tfstate#1764100000000001") == 1764100000000001
    assert generation("gs://b/p/default.tfstate") == 0
