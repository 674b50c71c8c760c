"""The vendored schema, and the extractor it came from."""

import gzip
import json

import pytest

from netra_cloud.terraform.schema import (
    ORIGINS,
    data_schema,
    data_types,
    parse_block,
    provider_schema,
    resource_schema,
    resource_types,
    schema_file,
)
from netra_cloud.terraform.schema_extract import extract
from netra_cloud.terraform.schema_update import build

BINDINGS = """
function exampleThingRuleToHclTerraform(struct) {
    const attrs = {
        count_of: {
            value: cdktn.numberToHclTerraform(struct.countOf),
            isBlock: false,
            type: "simple",
            storageClassType: "number",
        },
    };
}
class ExampleThingRuleOutputReference extends cdktn.ComplexObject {
    // count_of - computed: false, optional: false, required: true
    _countOf;
    get countOf() {
        return this.getNumberAttribute('count_of');
    }
}
class ExampleThingStateOutputReference extends cdktn.ComplexObject {
    // phase - computed: true, optional: false, required: false
    get phase() {
        return this.getStringAttribute('phase');
    }
}
class ExampleThing extends cdktn.TerraformResource {
    // labels - computed: false, optional: true, required: false
    _labels;
    get labels() {
        return this.getStringMapAttribute('labels');
    }
    // state - computed: true, optional: false, required: false
    _state = new ExampleThingStateList(this, "state", false);
    get state() {
        return this._state;
    }
    // rule - computed: false, optional: false, required: true
    _rule = new ExampleThingRuleOutputReference(this, "rule");
    get rule() {
        return this._rule;
    }
    synthesizeHclAttributes() {
        const attrs = {
            labels: {
                value: cdktn.hashMapperHcl(cdktn.stringToHclTerraform)(this._labels),
                isBlock: false,
                type: "map",
                storageClassType: "stringMap",
            },
            rule: {
                value: exampleThingRuleToHclTerraform(this._rule.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "ExampleThingRuleList",
            },
        };
    }
}
"""


def test_extractor_reads_arguments_blocks_flags_and_computed_objects() -> None:
    assert extract(BINDINGS) == {
        "block": {
            "attributes": {
                "labels": {"type": ["map", "string"], "optional": True},
                "state": {"type": ["list", ["object", {"phase": "string"}]], "computed": True},
            },
            "block_types": {
                "rule": {
                    "nesting_mode": "list",
                    "min_items": 1,
                    "max_items": 1,
                    "block": {"attributes": {"count_of": {"type": "number", "required": True}}},
                }
            },
        }
    }


def test_extractor_refuses_a_source_without_resource() -> None:
    with pytest.raises(ValueError, match="no resource class"):
        extract("class A extends B {\n}\n")


@pytest.mark.parametrize("provider", sorted(ORIGINS))
def test_a_vendored_file_has_its_origin_and_every_type_is_readable(provider: str) -> None:
    text = gzip.decompress(schema_file(ORIGINS[provider]).read_bytes()).decode()
    head = json.loads(text.splitlines()[0])
    assert head["origin"] == ORIGINS[provider].as_json()
    assert head["origin"]["licence"] == "MPL-2.0"
    for name in resource_types(provider):
        assert resource_schema(name, provider) is not None
    for name in data_types(provider):
        assert data_schema(name, provider) is not None


def test_google_has_all_its_types() -> None:
    assert len(resource_types()) > 1300
    assert len(data_types()) > 450
    assert "project" in provider_schema().attributes
    assert set(resource_types()) < set(resource_types("google-beta"))


def test_header_action_is_legal_where_the_provider_says_and_not_in_path_rule() -> None:
    url_map = resource_schema("google_compute_url_map")
    assert url_map is not None
    matcher = url_map.block_types["path_matcher"].block
    assert "header_action" in url_map.block_types
    assert "header_action" in matcher.block_types
    assert "header_action" in matcher.block_types["route_rules"].block.block_types
    path_rule = matcher.block_types["path_rule"].block
    assert set(path_rule.block_types) == {
        "custom_error_response_policy",
        "route_action",
        "url_redirect",
    }
    route_action = path_rule.block_types["route_action"].block
    assert "header_action" not in route_action.block_types
    weighted = route_action.block_types["weighted_backend_services"].block
    assert "header_action" in weighted.block_types


def test_unknown_types_have_no_schema() -> None:
    assert resource_schema("aws_instance") is None


def test_a_genuine_schema_document_is_read_the_same_way() -> None:
    block = parse_block(
        {
            "attributes": {"a": {"type": "string", "required": True}},
            "block_types": {"b": {"nesting_mode": "set", "block": {}}},
        }
    )
    assert block.attributes["a"].required
    assert block.block_types["b"].nesting_mode == "set"


@pytest.mark.parametrize("provider", ["google", "google-beta"])
def test_resources_whose_name_starts_with_data_are_no_data_sources(provider: str) -> None:
    known = resource_types(provider)
    for name in (
        "catalog_entry",
        "fusion_instance",
        "loss_prevention_job_trigger",
        "lineage_config",
    ):
        assert f"google_data_{name}" in known
    assert "google_project" in data_types(provider)


def test_the_kind_of_an_entry_comes_from_its_folder() -> None:
    def folder(name: str) -> str:
        return f'{BINDINGS}ExampleThing.tfResourceType = "{name}";\n'

    text = build(
        {
            "provider": BINDINGS,
            "data-fusion-instance": folder("google_data_fusion_instance"),
            "data-google-project": folder("google_project"),
            "data-http": folder("http"),
        },
        ORIGINS["google"],
    )
    entries = [json.loads(line)[:2] for line in text.splitlines()[1:]]
    assert entries == [
        ["data", "google_project"],
        ["data", "http"],
        ["resource", "google_data_fusion_instance"],
    ]
