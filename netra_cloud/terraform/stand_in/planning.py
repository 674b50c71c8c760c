"""What an apply would change: pure functions over decoded state."""

from typing import Any

from netra_cloud.terraform.schema import Block
from netra_cloud.terraform.stand_in.state_values import UNKNOWN, State, UnknownValue

# A change of one of these makes a new object; Google has no call to change them.
_IDENTITY = frozenset(
    {
        "account_id",
        "instance_id",
        "load_balancing_scheme",
        "location",
        "name",
        "network_endpoint_type",
        "project",
        "region",
        "repository_id",
        "secret_id",
    }
)


def planned_state(prior: State | None, proposed: State | None, schema: Block) -> State | None:
    """Return the state after the change, with what only Google will say as unknown."""
    if proposed is None:
        return None
    return _planned(prior, proposed, schema)


def _planned(prior: State | None, proposed: State, schema: Block) -> State:
    planned: State = dict(proposed)
    for name, attribute in schema.attributes.items():
        if planned.get(name) is None and attribute.computed:
            planned[name] = UNKNOWN if prior is None else prior.get(name)
    for name, nested in schema.block_types.items():
        items = proposed.get(name)
        if nested.nesting_mode != "list" or not isinstance(items, list):
            continue  # members of a set are known by their content: nothing may be added to them
        before = (prior or {}).get(name) or []
        planned[name] = [
            _planned(before[index] if index < len(before) else None, item, nested.block)
            for index, item in enumerate(items)
        ]
    return planned


def replaced_by(prior: State | None, planned: State | None) -> list[str]:
    """Return the arguments whose change makes Terraform replace the object."""
    if prior is None or planned is None:
        return []
    return [
        name
        for name in sorted(_IDENTITY)
        if name in planned
        and not isinstance(planned[name], UnknownValue)
        and prior.get(name) is not None  # an imported object is known by its id alone
        and planned[name] != prior[name]
    ]


def is_unknown_inside(value: Any) -> bool:
    """Return whether ``value`` is or holds an unknown."""
    if isinstance(value, dict):
        return any(is_unknown_inside(item) for item in value.values())
    if isinstance(value, list):
        return any(is_unknown_inside(item) for item in value)
    return isinstance(value, UnknownValue)
