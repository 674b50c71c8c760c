"""Values of data sources: computed where that needs no call, else placeholders of their type."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from netra_cloud.terraform.schema import ORIGINS, data_schema, data_types
from netra_cloud.terraform.stand_in.data_sources import Asked, read_data

LINK = "projects/p/global/x/n"


def _read(data_type: str, **config: Any) -> dict[str, Any]:
    schema = data_schema(data_type)
    assert schema is not None
    blank = dict.fromkeys([*schema.attributes, *schema.block_types])
    return read_data(Asked(data_type, {**blank, **config}, "p", LINK), schema)


def test_a_project_and_zones() -> None:
    assert _read("google_project")["project_id"] == "p"
    assert _read("google_project", project_id="q")["number"] == "123456789012"
    assert _read("google_compute_zones", region="r")["names"] == ["r-a", "r-b", "r-c"]
    assert _read("google_compute_network", name="n")["self_link"] == LINK


def test_an_iam_policy_is_the_document_of_its_bindings() -> None:
    bindings = [
        {"role": "roles/z", "members": ["b", "a"], "condition": []},
        {"role": "roles/a", "members": ["allUsers"], "condition": []},
    ]
    policy = json.loads(_read("google_iam_policy", binding=bindings)["policy_data"])
    assert policy == {
        "bindings": [
            {"members": ["allUsers"], "role": "roles/a"},
            {"members": ["a", "b"], "role": "roles/z"},
        ]
    }


def test_a_local_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("text")
    state = _read("local_file", filename=str(tmp_path / "f"))
    assert state["content"] == "text"
    assert state["content_sha256"] == hashlib.sha256(b"text").hexdigest()


@pytest.mark.parametrize("provider", sorted(ORIGINS.keys() - {"google-beta", "local"}))
def test_no_computed_value_of_any_type_stays_unset(provider: str) -> None:
    for data_type in data_types(provider):
        state = _read(data_type, name="n", url="u", filename=__file__)
        schema = data_schema(data_type)
        assert schema is not None
        assert not [
            name
            for name, attribute in schema.attributes.items()
            if attribute.computed and state[name] is None and attribute.type != "dynamic"
        ], data_type
