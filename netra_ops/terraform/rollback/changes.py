"""What a saved plan would do, read from ``terraform show -json``. Pure.

Format: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# What these hold does not come back with the resource.
HOLDS_DATA = frozenset(
    {
        "google_artifact_registry_repository",
        "google_memorystore_instance",
        "google_secret_manager_secret",
        "google_sql_database",
        "google_sql_database_instance",
        "google_sql_user",
    }
)


class Effect(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"


_EFFECTS: dict[tuple[str, ...], Effect] = {
    ("create",): Effect.CREATE,
    ("update",): Effect.UPDATE,
    ("delete",): Effect.DESTROY,
    ("delete", "create"): Effect.REPLACE,
    ("create", "delete"): Effect.REPLACE,
}


@dataclass(frozen=True)
class Change:
    """One resource that the plan touches.

    Attributes:
        arguments: top-level arguments that differ, for an update or a replacement.
    """

    address: str
    type: str
    effect: Effect
    arguments: tuple[str, ...] = ()

    @property
    def loses_data(self) -> bool:
        """Return whether something is gone afterwards that no apply brings back."""
        return self.effect in {Effect.DESTROY, Effect.REPLACE} and self.type in HOLDS_DATA


def changes_of(plan: Mapping[str, Any]) -> list[Change]:
    """Return what the plan does, in the order of its addresses; reads and no-ops are left out."""
    found: list[Change] = []
    for resource in plan.get("resource_changes", ()):
        change = resource["change"]
        effect = _EFFECTS.get(tuple(change["actions"]))
        if effect is None or resource.get("mode", "managed") != "managed":
            continue
        before, after = change.get("before") or {}, change.get("after") or {}
        unknown = change.get("after_unknown") or {}
        differing = sorted(
            name
            for name in {*before, *after}
            if before.get(name) != after.get(name) and not unknown.get(name)
        )
        is_partial = effect in {Effect.UPDATE, Effect.REPLACE}
        found.append(
            Change(
                resource["address"],
                resource["type"],
                effect,
                tuple(differing) if is_partial else (),
            )
        )
    return sorted(found, key=lambda change: change.address)


def forbidden(changes: Sequence[Change], allowed: Collection[str]) -> list[Change]:
    """Return the changes that would lose data and are not in ``allowed`` by address."""
    return [change for change in changes if change.loses_data and change.address not in allowed]
