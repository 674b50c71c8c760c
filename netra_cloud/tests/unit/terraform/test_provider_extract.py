"""What the definitions of magic-modules become.

The expected facts follow mmv1/templates/terraform/schema_property.go.tmpl, mmv1/api/type.go and
mmv1/api/resource.go of that repository.
"""

from typing import Any

import pytest
import yaml

from netra_cloud.terraform.provider_extract import extract, resource_type

RESOURCE = yaml.safe_load(
    r"""
parameters:
  - {name: region, type: String, default_value: us-central1}
properties:
  - {name: targetHTTPProxy, type: Enum, enum_values: [A, B], default_value: A}
  - {name: selfLink, type: Enum, enum_values: [A], output: true}
  - {name: gone, type: Enum, enum_values: [A], exclude: true}
  - {name: modes, type: Array, item_type: {type: Enum, enum_values: [X, Y]}}
  - name: labels
    type: Array
    item_type: {type: String}
    item_validation: {regex: '^[a-z]+$'}
  - name: flat
    type: NestedObject
    flatten_object: true
    properties:
      - {name: inner, type: String, conflicts: [region, flat.0.other]}
      - {name: other, type: String}
  - name: auto
    type: NestedObject
    properties:
      - {name: size, type: Integer, exactly_one_of: [auto.0.size, auto.0.text]}
      - {name: text, type: String, required_with: [region]}
  - name: rules
    type: Array
    item_type:
      type: NestedObject
      properties:
        - {name: one, type: String, at_least_one_of: [rules.0.one, rules.0.two]}
        - {name: two, type: String, conflicts: [region]}
  - {name: secret, type: String, write_only: true, required: true}
  - {name: token, type: String, write_only: true}
  - {name: beside, type: String, conflicts: [token]}
"""
)


def test_the_facts_of_a_resource() -> None:
    assert extract(RESOURCE) == {
        "region": {"default": "us-central1"},
        "target_http_proxy": {"enum": ["A", "B"], "default": "A"},
        "modes": {"enum": ["X", "Y"]},
        "labels": {"pattern": "^[a-z]+$"},
        "inner": {"conflicts": ["region", "other"]},
        "auto.size": {"one_of": ["auto.size", "auto.text"]},
        "auto.text": {"companions": ["region"]},
        # The group of rules.one goes through a list of several entries: the provider has none.
        "rules.two": {"conflicts": ["region"]},
        "secret": {"one_of": ["secret", "secret_wo"]},
        "token": {"conflicts": ["token_wo"]},
        "beside": {"conflicts": ["token", "token_wo"]},
    }


@pytest.mark.parametrize(
    ("function", "facts"),
    [
        ("validation.IntBetween(0,60)", {"range": [0, 60]}),
        ("validation.FloatBetween(0.5, 1)", {"range": [0.5, 1]}),
        ("validation.StringLenBetween(1, 64)", {"length": [1, 64]}),
        ("validation.IntAtLeast(1)", {"range": [1, None]}),
        ("validation.IntAtMost(9)", {"range": [None, 9]}),
        ("validation.IntBetween(0, 0)", {}),  # corrected by hand in the provider
        ('validation.StringInSlice([]string{"A", "B"}, false)', {"enum": ["A", "B"]}),
        ('validation.StringInSlice([]string{"A"}, true)', {}),  # any case
        ("verify.ValidateRegexp(`^a+$`)", {"pattern": "^a+$"}),
        ("verify.ValidateGCEName", {"pattern": "^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$"}),
        (
            "verify.ValidateRFC1035Name(2, 63)",
            {"pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "length": [2, 63]},
        ),
        ("verify.ValidateRegexp(`^\\p{L}$`)", {}),  # not Python's syntax
        ("somethingElse", {}),
    ],
)
def test_the_functions_that_are_read(function: str, facts: dict[str, Any]) -> None:
    field = {"name": "a", "type": "String", "validation": {"function": function}}
    assert extract({"properties": [field]}) == ({"a": facts} if facts else {})


@pytest.mark.parametrize(
    ("product", "resource", "expected"),
    [
        ({"name": "Compute"}, {"name": "RegionUrlMap"}, "google_compute_region_url_map"),
        (
            {"name": "CloudRunV2", "legacy_name": "cloud_run_v2"},
            {"name": "Service"},
            "google_cloud_run_v2_service",
        ),
        (
            {"name": "AccessContextManager"},
            {"name": "GcpUserAccessBinding"},
            "google_access_context_manager_gcp_user_access_binding",
        ),
        ({"name": "X"}, {"name": "Y", "legacy_name": "google_old_name"}, "google_old_name"),
    ],
)
def test_the_type_of_a_resource(
    product: dict[str, str], resource: dict[str, str], expected: str
) -> None:
    assert resource_type(product, resource) == expected
