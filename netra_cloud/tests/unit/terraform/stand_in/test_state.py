"""State values, planning and invented values of the stand-in."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.terraform.schema import parse_block, resource_schema, resource_types
from netra_cloud.terraform.stand_in.computed import filled
from netra_cloud.terraform.stand_in.messages import message
from netra_cloud.terraform.stand_in.planning import is_unknown_inside, planned_state, replaced_by
from netra_cloud.terraform.stand_in.state_values import (
    UNKNOWN,
    UnknownValue,
    as_block,
    decode,
    encode,
    terraform_type,
)
from netra_cloud.terraform.values import Unknown

SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
SCHEMA = parse_block(
    {
        "attributes": {
            "name": {"type": "string", "required": True},
            "note": {"type": "string", "optional": True},
            "size": {"type": "number", "optional": True, "computed": True},
            "link": {"type": "string", "computed": True},
        },
        "block_types": {
            "item": {
                "nesting_mode": "list",
                "block": {"attributes": {"tag": {"type": "string", "computed": True}}},
            },
            "mark": {
                "nesting_mode": "set",
                "block": {"attributes": {"tag": {"type": "string", "computed": True}}},
            },
        },
    }
)


def _proposed(**values: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"name": "n", "note": None, "size": None, "link": None}
    return {**blank, "item": [], "mark": [], **values}


@given(VALUES)
def test_state_survives_the_wire(value: Any) -> None:
    assert decode(encode(value)) == value


def test_unknown_survives_the_wire_and_no_value_is_none() -> None:
    assert isinstance(decode(encode({"a": [UNKNOWN]}))["a"][0], UnknownValue)
    assert decode(b"") is None


def test_a_refined_unknown_is_an_unknown() -> None:
    assert isinstance(decode(b"\xc7\x03\x0c\x81\x01\xc3"), UnknownValue)  # ext 12: not null


def test_a_new_object_has_unknowns_where_google_decides() -> None:
    planned = planned_state(None, _proposed(item=[{"tag": None}], mark=[{"tag": None}]), SCHEMA)
    assert planned is not None
    assert planned["note"] is None
    assert isinstance(planned["size"], UnknownValue)
    assert isinstance(planned["link"], UnknownValue)
    assert isinstance(planned["item"][0]["tag"], UnknownValue)
    assert planned["mark"] == [{"tag": None}]  # members of a set are known by their content


def test_an_unchanged_object_plans_no_change() -> None:
    planned = planned_state(None, _proposed(item=[{"tag": None}]), SCHEMA)
    assert planned is not None
    state = {**planned, "size": None, "link": "l", "item": [{"tag": ""}]}
    assert planned_state(state, _proposed(item=[{"tag": None}]), SCHEMA) == state
    assert replaced_by(state, state) == []


def test_a_new_name_is_a_new_object_and_destruction_is_nothing() -> None:
    assert replaced_by({"name": "a"}, {"name": "b"}) == ["name"]
    assert replaced_by({"name": "a"}, {"name": UNKNOWN}) == []
    assert replaced_by(None, {"name": "a"}) == []
    assert planned_state({"name": "a"}, None, SCHEMA) is None


@pytest.mark.parametrize("resource_type", resource_types()[::10])
def test_no_type_keeps_an_unknown_after_an_apply(resource_type: str) -> None:
    schema = resource_schema(resource_type)
    assert schema is not None
    proposed: dict[str, Any] = dict.fromkeys(schema.attributes)
    proposed |= {"name": "n", "account_id": "a", "region": "r", "domain": "d"}
    proposed = {name: proposed.get(name) for name in schema.attributes}
    planned = planned_state(None, proposed, schema)
    assert planned is not None
    state = filled(resource_type, planned, schema, "p", "projects/p/global/x/n")
    assert not is_unknown_inside(state)


def test_state_is_seen_as_a_block_with_paths() -> None:
    block = as_block(_proposed(size=UNKNOWN, item=[{"tag": "t"}]), SCHEMA)
    assert block.attributes == {"name": "n", "size": Unknown("size")}
    assert [(b.path, b.get("tag")) for b in block.all("item")] == [(("item", 0), "t")]
    assert block.all("mark") == []
    assert block.open_blocks == frozenset()


def test_blocks_of_an_unknown_number_are_named() -> None:
    block = as_block(_proposed(size=1, item=UNKNOWN), SCHEMA)
    assert block.all("item") == []
    assert block.open_blocks == {"item"}


def test_types_are_written_as_terraform_does() -> None:
    described = ["list", ["object", {"a": "string", "b": ["map", "number"]}]]
    assert terraform_type(described) == described


def test_messages_speak_the_protocols_field_numbers() -> None:
    path = message("AttributePath")()
    path.steps.add(attribute_name="a")
    diagnostic = message("Diagnostic")(severity=1, summary="s", attribute=path)
    assert re.fullmatch(
        rb"\x08\x01\x12\x01s\"\x05\x0a\x03\x0a\x01a", diagnostic.SerializeToString()
    )
